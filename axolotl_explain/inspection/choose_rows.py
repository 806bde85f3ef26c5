"""Which prepared rows to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.outcome import DROPS
from axolotl_explain.inspection.data import Data
from axolotl_explain.inspection.row_origins import Origin


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user asks to see; empty fields leave it open.

    Attributes:
        first: so many rows at most; None for the first of each dataset and level.
        rows: numbers in their files, from 1.
        datasets: places in the recipe, from 1.
    """

    first: int | None = None
    rows: Sequence[int] = ()
    levels: Sequence[str] = ()
    datasets: Sequence[int] = ()

    def fits(self, origin: Origin) -> bool:
        """Whether a row that comes from there is asked for."""
        return (
            (not self.rows or origin.row in self.rows)
            and (not self.levels or origin.level in self.levels)
            and (not self.datasets or origin.source.number in self.datasets)
        )

    @property
    def open(self) -> bool:
        """Whether any row may be shown."""
        return not (self.rows or self.levels or self.datasets)


def select(data: Data, choice: Choice) -> list[int]:
    """Places of the prepared rows to show, in the order of their files.

    Training shuffles them, without a seed in the recipe each time in another way.

    Raises:
        ExplainError: if there are none, with the reason where it is known.
    """
    _check_datasets(data, choice)
    places = sorted(range(len(data.contents.digests)), key=partial(_file_order, data))
    fitting = [
        place
        for place in places
        if choice.open or any(map(choice.fits, data.origins(place)))
    ]
    if not fitting:
        raise ExplainError(_why_none(data, choice))
    if choice.first is not None:
        return fitting[: choice.first]
    return fitting if choice.rows else _first_of_each(data, fitting)


def _first_of_each(data: Data, places: Sequence[int]) -> list[int]:
    """The first row of each dataset and level."""
    first: dict[tuple[int, str], int] = {}
    for place in places:
        for origin in data.origins(place):
            first.setdefault((origin.source.number, origin.group), place)
    return list(dict.fromkeys(first.values())) or list(places[:1])


def _file_order(data: Data, place: int) -> tuple[int, int, int]:
    """Rows that come from no file stand last, as they are."""
    origin = next(iter(data.origins(place)), None)
    if origin is None:
        return (len(data.sources) + 1, 0, place)
    return (origin.source.number, origin.row, origin.position)


def _check_datasets(data: Data, choice: Choice) -> None:
    known = {source.number for source in data.sources}
    for number in choice.datasets:
        if number not in known:
            listed = "; ".join(
                f"{source.number} {source.name}" for source in data.sources
            )
            raise ExplainError(f"--dataset {number}: the recipe has {listed}.")


def _why_none(data: Data, choice: Choice) -> str:
    lost = [
        f"row {one.row} of {source.name}"
        f"{f' at level {one.level}' if one.level else ''}: "
        f"{(one.outcome & DROPS).label}"
        for source in data.sources
        for one in (source.watched.dropped if source.watched else ())
        if one.row in choice.rows
        and (not choice.levels or one.level in (None, *choice.levels))
        and (not choice.datasets or source.number in choice.datasets)
    ]
    if lost:
        return f"There is nothing to show: {'; '.join(lost)}."
    asked = [
        *(f"--row {number}" for number in choice.rows),
        *(f"--level {level}" for level in choice.levels),
        *(f"--dataset {number}" for number in choice.datasets),
    ]
    groups = dict.fromkeys(
        origin.group
        for source in data.sources
        for origin in [Origin(source, at) for at in range(len(source.contents.digests))]
    )
    return (
        f"{' '.join(asked)}: no row of the {data.split} data is that; it has "
        f"{len(data.contents.digests):,} rows at {', '.join(groups)}."
    )
