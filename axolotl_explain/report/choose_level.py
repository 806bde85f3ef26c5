"""Which level to train with, as far as the intervals carry a choice, and why.

A level lies below the best one if the upper bound of its 95 % interval is under the
lower bound of the best one's: the two intervals do not meet. Chosen is the smallest
level (none < short < medium < long) that does not lie below the best one. Best is the
level with the highest exact match; of equals, the smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axolotl_explain.core.levels import LEVELS

NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Option:
    """A level that was evaluated."""

    level: str
    share: float
    low: float
    high: float
    rows: int
    seeds: int = 1
    tokens: float | None = None

    def lies_below(self, other: Option) -> bool:
        """Whether the intervals carry that this level is worse."""
        return self.high < other.low

    def __str__(self) -> str:
        return f"{self.level} at {percent(self.share)} ({span(self.low, self.high)})"


@dataclass(frozen=True, slots=True)
class Choice:
    """A level and the reasons, in words."""

    level: str | None
    """None where there is nothing to choose."""
    reasons: Sequence[str]


def choose(options: Sequence[Option], untrained: Sequence[Option] = ()) -> Choice:
    """Choose among the levels of one setting on one data file.

    Args:
        options: levels that are not among none, short, medium and long are passed over.
        untrained: the base model before training; never chosen.
    """
    by_name = {option.level: option for option in options}
    ordered = [by_name[level] for level in LEVELS if level in by_name]
    if not ordered:
        return Choice(
            None, ["No single level was trained, so there is none to choose."]
        )
    best = max(ordered, key=lambda option: option.share)
    chosen = next(option for option in ordered if not option.lies_below(best))
    if len(ordered) == 1:
        reasons = [
            f"Only one level was evaluated: {best}. There is nothing to compare it "
            "with."
        ]
    else:
        smaller = ordered[: ordered.index(chosen)]
        reasons = [_top(best), *_equal(chosen, best), *_below(smaller)]
    reasons += _untrained(chosen, untrained)
    reasons.append(_basis(ordered))
    return Choice(chosen.level if len(ordered) > 1 else None, reasons)


def _top(best: Option) -> str:
    return (
        f"The highest exact match is that of {best.level}: {percent(best.share)}, with "
        f"a 95 % interval of {span(best.low, best.high)}."
    )


def _equal(chosen: Option, best: Option) -> list[str]:
    if chosen is best:
        return []
    words = (
        f"Level {chosen.level}, at {percent(chosen.share)} "
        f"({span(chosen.low, chosen.high)}), reaches into that interval, so these rows "
        "carry no difference between the two, and the smaller level is chosen. That "
        "does not show them to be equal."
    )
    if chosen.tokens is not None and best.tokens is not None:
        words += (
            f" An answer costs {chosen.tokens:,.0f} tokens on average instead of "
            f"{best.tokens:,.0f}."
        )
    return [words]


def _below(smaller: Sequence[Option]) -> list[str]:
    if not smaller:
        return ["No smaller level was evaluated."]
    if len(smaller) == 1:
        return [f"The smaller level lies below it as a whole: {smaller[0]}."]
    listed = "; ".join(map(str, smaller))
    return [f"The smaller levels lie below it as a whole: {listed}."]


def _untrained(chosen: Option, untrained: Sequence[Option]) -> list[str]:
    found = max(untrained, key=lambda option: option.share, default=None)
    if found is None:
        return []
    share = f"{percent(found.share)} ({span(found.low, found.high)})"
    if found.lies_below(chosen):
        return [f"Before training, the base model has {share}, which is below."]
    return [
        f"Before training, the base model has {share}: at level {chosen.level} these "
        "rows do not carry that training has improved on it."
    ]


def _basis(options: Sequence[Option]) -> str:
    rows = _amount({one.rows for one in options}, "row")
    counts = {one.seeds for one in options}
    seeds = _amount(counts, "seed")
    words = f"Basis: {rows} and {seeds} for each level. "
    if max(counts) == 1:
        return words + (
            "The intervals tell what another draw of rows could change; what another "
            "training seed could change, one seed cannot tell."
        )
    return words + (
        "An interval is that of the mean over seeds at the rows of one seed, widened "
        "where needed to hold every seed's own share."
    )


def _amount(counts: set[int], noun: str) -> str:
    low, high = min(counts), max(counts)
    number = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{number} {noun}{'' if high == 1 else 's'}"


def percent(share: float) -> str:
    """A share as people read it.

    >>> percent(0.5904)
    '59.0\\xa0%'
    """
    return f"{100 * share:.1f}{NBSP}%"


def span(low: float, high: float) -> str:
    """Two bounds as people read them.

    >>> span(0.546, 0.632)
    '54.6–63.2\\xa0%'
    """
    return f"{100 * low:.1f}–{100 * high:.1f}{NBSP}%"
