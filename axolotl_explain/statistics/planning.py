"""How many more seeds or rows it takes until a comparison is decided."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from axolotl_explain.statistics.paired import Difference

POWER = 0.8
MOST_SEEDS, MOST_ROWS = 100, 1_000_000


class Needed(NamedTuple):
    """What would decide a comparison, by the variance seen so far.

    Attributes:
        seeds: runs of each arm, with the same rows; None where no number of them would.
        rows: for the same runs; None where no number of them would.
    """

    seeds: int | None
    rows: int | None
    both: tuple[int, int] | None = None
    """Seeds and rows together, where more of one alone would not do."""


def needed(found: Difference, gap: float, alpha: float = 0.05) -> Needed:
    """Seeds, or rows, at which a true gap is found with a power of 80 %.

    The error of a mean over S seeds and R rows is taken to fall with each of them as
    the parts seen so far say; seeds are judged by Student's t.

    Args:
        gap: the distance that has to be told from nothing, above 0.
        alpha: two-sided.
    """
    seeds = rows = None
    if found.of_seeds is None:
        # One run each: the seeds are not known, so more of them are the next step.
        return Needed(None, _rows(found, gap, alpha))
    for count in range(2, MOST_SEEDS + 1):
        of_seeds = found.of_seeds * found.seeds / count
        more = replace(found, of_seeds=of_seeds, df=2 * (count - 1))
        if _enough(gap, more, alpha):
            seeds = count
            break
    rows = _rows(found, gap, alpha)
    both = _both(found, gap, alpha) if seeds is None and rows is None else None
    return Needed(seeds, rows, both)


def _both(found: Difference, gap: float, alpha: float) -> tuple[int, int] | None:
    """Seeds and rows, each grown by the same factor."""
    of_seeds = found.of_seeds or 0.0
    for seeds in range(found.seeds + 1, MOST_SEEDS + 1):
        factor = seeds / found.seeds
        more = replace(
            found,
            of_seeds=of_seeds / factor,
            of_rows=found.of_rows / factor,
            df=2 * (seeds - 1),
        )
        if _enough(gap, more, alpha):
            return seeds, math.ceil(found.rows * factor)
    return None


def _rows(found: Difference, gap: float, alpha: float) -> int | None:
    """The smallest number that is enough, by doubling and halving."""

    def enough(rows: int) -> bool:
        more = replace(found, of_rows=found.of_rows * found.rows / rows)
        return _enough(gap, more, alpha)

    high = 2
    while not enough(high):
        high *= 2
        if high > MOST_ROWS:
            return None
    low = high // 2
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _enough(gap: float, found: Difference, alpha: float) -> bool:
    widths = found.half_width(1 - alpha) + found.half_width(2 * POWER - 1)
    return widths <= gap
