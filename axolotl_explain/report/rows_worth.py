"""How many rows an explanation is worth: from accuracy against training rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.report.arms import Arm
from axolotl_explain.report.families import treatment_of
from axolotl_explain.results.run_settings import Settings, without_rows

NONE = "none"


class Measured(NamedTuple):
    """Exact match after training on so many rows."""

    rows: int
    share: float


@dataclass(frozen=True, slots=True)
class RowsWorth:
    """Rows with explanations, and how many answers alone do as much.

    Attributes:
        few, middle, many: such numbers of answers, at the lower bound of the 95 %
            interval of what the explained rows came to, at its middle, at its upper
            bound; infinite beyond the most that were tried, 0 below the fewest. Numbers
            between those that were tried are read off a straight line over the
            logarithm of rows.
        fewest, most: that were tried with the answer alone.
    """

    level: str
    rows: int
    few: float
    middle: float
    many: float
    fewest: int
    most: int

    def __str__(self) -> str:
        done = f"{self.rows:,} rows with {self.level} explanations"
        if math.isinf(self.few):
            return (
                f"{done} did more than {self.most:,} with the answer alone, the most "
                "that were tried."
            )
        if not self.many:
            return (
                f"{done} did less than {self.fewest:,} with the answer alone, the "
                "fewest that were tried."
            )
        few = _count(self.few) if self.few else f"fewer than {self.fewest:,}"
        many = (
            f"more than {self.most:,}" if math.isinf(self.many) else _count(self.many)
        )
        between = f"{few} to {many}"
        if not self.middle or math.isinf(self.middle):
            return f"{done} did as much as {between} with the answer alone."
        return (
            f"{done} did as much as about {_count(self.middle)} with the answer alone "
            f"({between})."
        )


def rows_worth(arms: Sequence[Arm]) -> list[RowsWorth]:
    """For every explained arm, where runs differ in the number of training rows."""
    places: dict[tuple[Settings, str], dict[str, list[Arm]]] = {}
    for arm in arms:
        known = arm.members[0].run.train_rows is not None
        if arm.trained and known and arm.level in LEVELS and not treatment_of(arm):
            place = places.setdefault((without_rows(arm.settings), arm.data), {})
            place.setdefault(arm.level, []).append(arm)
    found = []
    for levels in places.values():
        alone = [Measured(_rows(arm), arm.share) for arm in levels.pop(NONE, [])]
        if len(alone) > 1:
            explained = [arm for level in LEVELS for arm in levels.get(level, [])]
            found += [_worth(arm, alone) for arm in explained]
    return found


def answers_worth(share: float, alone: Sequence[Measured]) -> float:
    """How many answers alone come to a share, as far as that was tried.

    The curve is taken to rise: the first crossing counts.

    >>> answers_worth(0.5, [Measured(100, 0.25), Measured(400, 0.75)])
    200.0
    >>> answers_worth(0.9, [Measured(100, 0.25), Measured(400, 0.75)])
    inf

    Returns:
        infinity where the most that were tried do less, 0 where the fewest do more.
    """
    ordered = sorted(alone)
    if share <= ordered[0].share:
        return float(ordered[0].rows) if share == ordered[0].share else 0.0
    for before, after in pairwise(ordered):
        if before.share < share <= after.share:
            part = (share - before.share) / (after.share - before.share)
            low, high = math.log(before.rows), math.log(after.rows)
            return round(math.exp(low + part * (high - low)), 6)
    return math.inf


def _worth(arm: Arm, alone: Sequence[Measured]) -> RowsWorth:
    mean = arm.mean
    low = min(arm.shares) if mean.low is None else mean.low
    high = max(arm.shares) if mean.high is None else mean.high
    few, middle, many = (answers_worth(one, alone) for one in (low, mean.share, high))
    tried = [one.rows for one in alone]
    return RowsWorth(arm.level, _rows(arm), few, middle, many, min(tried), max(tried))


def _rows(arm: Arm) -> int:
    return arm.members[0].run.train_rows or 0


def _count(rows: float) -> str:
    """Two digits of it."""
    scale = 10 ** max(0, len(str(int(rows))) - 2)
    return f"{round(rows / scale) * scale:,}"
