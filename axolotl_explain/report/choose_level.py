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
from axolotl_explain.report.number_format import format_interval, format_percent


@dataclass(frozen=True, slots=True)
class LevelScore:
    """Exact match of a level that was evaluated, with its 95 % interval."""

    level: str
    share: float
    low: float
    high: float
    rows: int
    seeds: int = 1
    tokens: float | None = None

    def lies_below(self, other: LevelScore) -> bool:
        """Whether the intervals carry that this level is worse."""
        return self.high < other.low

    @property
    def percent(self) -> str:
        """Exact match as text."""
        return format_percent(self.share)

    @property
    def interval(self) -> str:
        """The interval as text."""
        return format_interval(self.low, self.high)

    def __str__(self) -> str:
        return f"{self.level} at {self.percent} ({self.interval})"


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level and the reasons, in words."""

    level: str | None
    """None where there is nothing to choose."""
    reasons: Sequence[str]


def choose_level(
    scores: Sequence[LevelScore], untrained: Sequence[LevelScore] = ()
) -> LevelChoice:
    """Choose among the levels of one setting on one data file.

    Args:
        scores: levels that are not among none, short, medium and long are passed over.
        untrained: the base model before training; never chosen.
    """
    by_name = {score.level: score for score in scores}
    ordered = [by_name[level] for level in LEVELS if level in by_name]
    if not ordered:
        return LevelChoice(
            None, ["No single level was trained, so there is none to choose."]
        )
    best = max(ordered, key=lambda score: score.share)
    chosen = next(score for score in ordered if not score.lies_below(best))
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
    return LevelChoice(chosen.level if len(ordered) > 1 else None, reasons)


def _top(best: LevelScore) -> str:
    return (
        f"The highest exact match is that of {best.level}: {best.percent}, with "
        f"a 95 % interval of {best.interval}."
    )


def _equal(chosen: LevelScore, best: LevelScore) -> list[str]:
    if chosen is best:
        return []
    words = (
        f"Level {chosen.level}, at {chosen.percent} "
        f"({chosen.interval}), reaches into that interval, so these rows "
        "carry no difference between the two, and the smaller level is chosen. That "
        "does not show them to be equal."
    )
    if chosen.tokens is not None and best.tokens is not None:
        words += (
            f" An answer costs {chosen.tokens:,.0f} tokens on average instead of "
            f"{best.tokens:,.0f}."
        )
    return [words]


def _below(smaller: Sequence[LevelScore]) -> list[str]:
    if not smaller:
        return ["No smaller level was evaluated."]
    if len(smaller) == 1:
        return [f"The smaller level lies below it as a whole: {smaller[0]}."]
    listed = "; ".join(map(str, smaller))
    return [f"The smaller levels lie below it as a whole: {listed}."]


def _untrained(chosen: LevelScore, untrained: Sequence[LevelScore]) -> list[str]:
    found = max(untrained, key=lambda score: score.share, default=None)
    if found is None:
        return []
    share = f"{found.percent} ({found.interval})"
    if found.lies_below(chosen):
        return [f"Before training, the base model has {share}, which is below."]
    return [
        f"Before training, the base model has {share}: at level {chosen.level} these "
        "rows do not carry that training has improved on it."
    ]


def _basis(scores: Sequence[LevelScore]) -> str:
    rows = _amount({one.rows for one in scores}, "row")
    counts = {one.seeds for one in scores}
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
