"""A grid -> its points: what each run changes in the recipe, and its name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from axolotl_explain.core.errors import ExplainError, shown
from axolotl_explain.sweep.grid import NAME, Grid

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Part:
    """One choice: a value of a key, or an entry of a group."""

    of: str
    """The key, or the name of the group."""
    name: str
    values: Mapping[str, Any]
    choice: Any
    """The value of the key, or the name of the entry."""


@dataclass(frozen=True, slots=True)
class Point:
    """One combination of choices."""

    parts: Sequence[Part]

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
        """What the choices that touch one block of the recipe are called; "" if none.

        Keys whose first name is the block count, so for one block runs that agree in
        the label agree in these keys.
        """
        own = [
            part.name
            for part in self.parts
            if any(re.split(r"[.\[]", key)[0] == block for key in part.values)
        ]
        return "-".join(own)


def points(grid: Grid) -> list[Point]:
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
        [Part(key, named(short[key], value), {key: value}, value) for value in values]
        for key, values in grid.grid.items()
    ]
    found = _kept([Point(parts) for parts in itertools.product(*choices)], grid.exclude)
    seen: dict[str, Point] = {}
    for point in found:
        if seen.setdefault(point.name, point) is not point:
            raise ExplainError(
                f"two runs would be called {point.name}: {shown(point.values, 200)} "
                f"and {shown(seen[point.name].values, 200)}; put their values under "
                "together:, each with a name."
            )
        if len(point.name) > LONGEST_NAME:
            raise ExplainError(
                f"{shown(point.name, 200)} is too long for a folder; put the values "
                "under together:, each with a short name."
            )
    return found


def _kept(found: list[Point], exclude: Sequence[Mapping[str, Any]]) -> list[Point]:
    for place, wanted in enumerate(exclude):
        if not any(wanted.items() <= point.choices.items() for point in found):
            raise ExplainError(
                f"exclude[{place}]: no run has {shown(dict(wanted), 200)}; name keys "
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


def short_keys(keys: Iterable[str]) -> dict[str, str]:
    """Key -> its last name, with those before it where that is not enough.

    >>> short_keys(["explain.level", "datasets[0].explain.level", "seed"])
    {'explain.level': 'explain.level', 'datasets[0].explain.level': 'datasets.explain.level', 'seed': 'seed'}
    """  # noqa: E501
    names = {key: re.sub(r"\[\d+\]", "", key).split(".") for key in keys}
    found = {}
    for key, parts in names.items():
        others = [other for one, other in names.items() if one != key]
        size = 1
        while size < len(parts) and any(
            other[-size:] == parts[-size:] for other in others
        ):
            size += 1
        found[key] = ".".join(parts[-size:])
    return found


def named(key: str, value: object) -> str:
    """A value as a part of a name: words alone, anything else behind its key.

    >>> named("level", "none"), named("seed", 3), named("base_model", "outputs/tiny")
    ('none', 'seed3', 'tiny')
    """
    if isinstance(value, str) and not _is_number(value):
        return slug(PurePath(value).name) or key
    if isinstance(value, Mapping):
        return slug(str(value)) or key
    if isinstance(value, bool) or value is None:
        return f"{slug(key)}-{str(value).lower()}"
    return slug(f"{key}{value}")


def slug(text: str) -> str:
    """A text with nothing in it that a path or a shell would trip over.

    >>> slug("{'none': 1, 'long': 3}")
    'none1-long3'
    """
    joined = re.sub(r"[:'\"{}\[\]]\s*", "", text)
    return re.sub(r"[^A-Za-z0-9._+]+", "-", joined).strip("-.")


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.+-]+(e[+-]?\d+)?", text))


def _entry(group: str, entry: Mapping[str, Any]) -> Part:
    values = {key: value for key, value in entry.items() if key != NAME}
    given = entry.get(NAME)
    short = short_keys(values)
    name = "-".join(named(short[key], values[key]) for key in values)
    name = name if given is None else slug(str(given))
    return Part(group, name, values, name)
