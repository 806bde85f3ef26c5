"""A grid -> its points: what each run changes in the recipe, and its name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.sweep.grid import NAME, Grid
from axolotl_explain.sweep.run_names import short_keys, slug, value_name

LONGEST_NAME = 120
"""Characters."""


@dataclass(frozen=True, slots=True)
class GridChoice:
    """A value of a key, or an entry of a group.

    Attributes:
        of: the key, or the name of the group.
        name: a part of the names of the runs.
        values: key of the recipe -> its value.
        choice: the value of the key, or the name of the entry.
    """

    of: str
    name: str
    values: Mapping[str, Any]
    choice: Any


@dataclass(frozen=True, slots=True)
class GridPoint:
    """One combination of choices: what one run is made of."""

    parts: Sequence[GridChoice]

    @property
    def name(self) -> str:
        """Readable, and usable as the name of a folder."""
        return "-".join(part.name for part in self.parts) or "run"

    @property
    def values(self) -> dict[str, Any]:
        """Key of the recipe -> its value here."""
        return {key: part.values[key] for part in self.parts for key in part.values}

    @property
    def choices(self) -> dict[str, Any]:
        """Key -> its value, and group -> the name of its entry."""
        return {part.of: part.choice for part in self.parts}

    def label(self, block: str) -> str:
        """The names of the choices that change one block of the recipe; "" if none do.

        Runs with the same label have the same values for all keys of the block.
        """
        own = [
            part.name
            for part in self.parts
            if any(re.split(r"[.\[]", key)[0] == block for key in part.values)
        ]
        return "-".join(own)


def grid_points(grid: Grid) -> list[GridPoint]:
    """Every combination that is not excluded, the groups first, in the file's order.

    Raises:
        ExplainError: if two would have the same name, a name is too long, or an
            exclusion meets no run or all of them.
    """
    short = short_keys(grid.grid)
    choices = [
        [_entry(group, one) for one in entries]
        for group, entries in grid.together.items()
    ]
    choices += [
        [
            GridChoice(key, value_name(short[key], value), {key: value}, value)
            for value in values
        ]
        for key, values in grid.grid.items()
    ]
    every = [GridPoint(parts) for parts in itertools.product(*choices)]
    found = _without_excluded(every, grid.exclude)
    seen: dict[str, GridPoint] = {}
    for point in found:
        if seen.setdefault(point.name, point) is not point:
            raise ExplainError(
                f"two runs would be called {point.name}: {quoted(point.values, 200)} "
                f"and {quoted(seen[point.name].values, 200)}; put their values under "
                "together:, each with a name."
            )
        if len(point.name) > LONGEST_NAME:
            raise ExplainError(
                f"{quoted(point.name, 200)} is too long for a folder; put the values "
                "under together:, each with a short name."
            )
    return found


def _without_excluded(
    found: list[GridPoint], exclude: Sequence[Mapping[str, Any]]
) -> list[GridPoint]:
    for place, wanted in enumerate(exclude):
        if not any(wanted.items() <= point.choices.items() for point in found):
            raise ExplainError(
                f"exclude[{place}]: no run has {quoted(dict(wanted), 200)}; name keys "
                "of grid with one of their values, or groups of together with the name "
                "of an entry."
            )
    kept = [
        point
        for point in found
        if not any(wanted.items() <= point.choices.items() for wanted in exclude)
    ]
    if not kept:
        raise ExplainError("exclude: leaves no run; remove some of it.")
    return kept


def _entry(group: str, entry: Mapping[str, Any]) -> GridChoice:
    values = {key: value for key, value in entry.items() if key != NAME}
    given = entry.get(NAME)
    short = short_keys(values)
    name = "-".join(value_name(short[key], values[key]) for key in values)
    name = name if given is None else slug(str(given))
    return GridChoice(group, name, values, name)
