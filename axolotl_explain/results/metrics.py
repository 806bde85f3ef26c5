"""Metrics: the shares of a group of completions, as metrics.json has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.counts import CELLS, CompletionCounts
from axolotl_explain.results.interval import Interval, wilson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Shares in [0, 1] over a group of completions; intervals are 95 % (Wilson)."""

    num_rows: int
    exact_match: float
    interval: Interval
    """Of exact_match."""
    flexible_match: float
    flexible_match_interval: Interval
    exact_match_if_cut: float | None
    """Had each completion ended with its first answer line; None in older files."""
    parsed_rate: float
    """The share of completions that had an answer at all."""
    truncated_rate: float
    """The share that ran out of tokens."""
    tokens_per_completion: float
    tokens_per_right_answer: float | None
    """All tokens of the group for each exact match; None where there is none."""
    num_verified: int
    """Completions whose explanation a task could verify; the next five are of these."""
    explanation_validity: float | None
    """The share whose every step is right; None where none was verified."""
    explanation_validity_interval: Interval | None
    explanation_strict: float | None
    """The share that is also worded as the task words it; None: not known."""
    cells: dict[str, int] | None
    """How many there are of each of `CELLS`."""
    first_wrong_steps: list[dict[str, Any]]
    """`{operator, step, count}`, the most frequent first."""

    @classmethod
    def of(cls, completions: Sequence[Completion]) -> Metrics:
        """The shares that follow from the counts.

        Raises:
            ValueError: if there are no completions.
        """
        counts = CompletionCounts.of(completions)
        rows, verified = counts.rows, counts.verified
        flexible = counts.flexible or 0
        return cls(
            num_rows=rows,
            exact_match=counts.share,
            interval=counts.interval,
            flexible_match=flexible / rows,
            flexible_match_interval=wilson_interval(flexible, rows),
            exact_match_if_cut=(
                None if counts.right_if_cut is None else counts.right_if_cut / rows
            ),
            parsed_rate=(counts.parsed or 0) / rows,
            truncated_rate=(counts.truncated or 0) / rows,
            tokens_per_completion=counts.tokens_per_completion or 0.0,
            tokens_per_right_answer=counts.tokens_per_right,
            num_verified=verified,
            explanation_validity=counts.validity,
            explanation_validity_interval=(
                wilson_interval(counts.valid, verified) if verified else None
            ),
            explanation_strict=counts.strict_validity,
            cells=(
                {cell: counts.cells.get(cell, 0) for cell in CELLS}
                if verified
                else None
            ),
            first_wrong_steps=_most_frequent_first(counts.wrong_steps),
        )

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object; intervals as lists."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def _most_frequent_first(
    wrong_steps: Mapping[tuple[str | None, int], int],
) -> list[dict[str, Any]]:
    def rank(item: tuple[tuple[str | None, int], int]) -> tuple[int, int, str]:
        (operator, step), count = item
        return -count, step, operator or ""

    return [
        {"operator": operator, "step": step, "count": count}
        for (operator, step), count in sorted(wrong_steps.items(), key=rank)
    ]


def level_rank(level: str) -> int:
    """The place of a level in reports: from the least explanation to the most."""
    names: list[str] = [*LEVELS]
    return names.index(level) if level in names else len(names)


def metrics_by_level(completions: Iterable[Completion]) -> dict[str, Metrics]:
    """Metrics per level, in the order of the levels."""
    ordered = sorted(completions, key=lambda one: level_rank(one.level))
    return {
        level: Metrics.of(list(group))
        for level, group in groupby(ordered, key=lambda one: one.level)
    }
