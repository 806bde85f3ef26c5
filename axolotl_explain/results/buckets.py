"""Values of a field of meta -> the groups that a breakdown has of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_VALUES = 12
"""So many distinct numbers stand for themselves; more are put into buckets."""

MOST_BUCKETS = 10

Number = int | float


class Range(NamedTuple):
    """The values of a field that training had, both ends among them."""

    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Bucket:
    """A group of values: one text, one number, or the numbers from low to high.

    Attributes:
        low: the smallest number that belongs to it; None for texts.
        high: the largest; of decimals, the number that all of it lies below.
    """

    value: str
    low: Number | None = None
    high: Number | None = None

    def in_training(self, known: Range | None) -> bool | None:
        """Whether it lies in the training range; None if unknown or only in part."""
        if known is None or self.low is None or self.high is None:
            return None
        if known.low <= self.low and self.high <= known.high:
            return True
        outside = self.high < known.low or self.low > known.high
        return False if outside else None


def is_number(value: object) -> bool:
    """Whether a value counts as a number; booleans and NaN do not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)


def buckets_of(values: Iterable[Number]) -> dict[Number, Bucket]:
    """Value -> its bucket; buckets have the same width, and bounds that read well.

    >>> [bucket.value for bucket in buckets_of([4, 5, 4]).values()]
    ['4', '5']
    >>> found = buckets_of(range(20, 100))
    >>> found[47]
    Bucket(value='40-49', low=40, high=49)
    """
    distinct = sorted(set(values))
    if len(distinct) <= MOST_VALUES:
        return {value: Bucket(f"{value:g}", value, value) for value in distinct}
    whole = all(float(value).is_integer() for value in distinct)
    width = nice_width(distinct, whole)
    return {value: _bucket(value, width, whole) for value in distinct}


def nice_width(distinct: Sequence[Number], whole: bool) -> float:
    """The smallest of 1, 2, 5, 10, 20 … that needs at most `MOST_BUCKETS` buckets."""
    low, high = distinct[0], distinct[-1]
    exponent = math.floor(math.log10((high - low) / MOST_BUCKETS))
    steps = (
        factor * 10.0**power
        for power in range(exponent, exponent + 3)
        for factor in (1, 2, 5)
    )
    return next(
        step
        for step in steps
        if (step >= 1 or not whole)
        and math.floor(high / step) - math.floor(low / step) < MOST_BUCKETS
    )


def _bucket(value: Number, width: float, whole: bool) -> Bucket:
    index = math.floor(value / width)
    if whole:
        low, high = round(index * width), round((index + 1) * width) - 1
        return Bucket(f"{low}-{high}" if low < high else f"{low}", low, high)
    low_bound, high_bound = (float(f"{at * width:.10g}") for at in (index, index + 1))
    return Bucket(f"{low_bound:g}-{high_bound:g}", low_bound, high_bound)
