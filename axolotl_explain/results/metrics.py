"""Completions -> metrics: counts and shares of a group of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, NamedTuple

from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.interval import wilson_interval

Interval = tuple[float, float]

CELLS = ("right_valid", "right_invalid", "wrong_valid", "wrong_invalid")
"""Answer, by exact match, and explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Shares in [0, 1] over a group of completions; intervals are 95 % (Wilson)."""

    num_rows: int
    exact_match: float
    interval: Interval
    """Of exact_match."""
    flexible_match: float
    flexible_match_interval: Interval
    parsed_rate: float
    """The share of completions that had an answer at all."""
    truncated_rate: float
    """The share that ran out of tokens."""
    tokens_per_completion: float
    tokens_per_right_answer: float | None
    """All tokens of the group for each exact match; None where there is none."""
    num_verified: int
    """Completions whose explanation a task could verify; the next four are of these."""
    explanation_validity: float | None
    """The share whose every step is right; None where none was verified."""
    explanation_validity_interval: Interval | None
    cells: dict[str, int] | None
    """How many there are of each of `CELLS`."""
    first_wrong_steps: list[dict[str, Any]]
    """`{operator, step, count}`, the most frequent first."""

    @classmethod
    def of(cls, completions: Sequence[Completion]) -> Metrics:
        """Count.

        Raises:
            ValueError: if there are no completions.
        """
        total = len(completions)
        if not total:
            raise ValueError("metrics of 0 completions")
        right = sum(one.exact_match for one in completions)
        flexible = sum(one.flexible_match for one in completions)
        tokens = sum(one.num_tokens for one in completions)
        verified = [one for one in completions if one.explanation_valid is not None]
        valid = sum(one.explanation_valid is True for one in verified)
        return cls(
            num_rows=total,
            exact_match=right / total,
            interval=wilson_interval(right, total),
            flexible_match=flexible / total,
            flexible_match_interval=wilson_interval(flexible, total),
            parsed_rate=sum(one.extracted is not None for one in completions) / total,
            truncated_rate=sum(one.truncated for one in completions) / total,
            tokens_per_completion=tokens / total,
            tokens_per_right_answer=tokens / right if right else None,
            num_verified=len(verified),
            explanation_validity=valid / len(verified) if verified else None,
            explanation_validity_interval=(
                wilson_interval(valid, len(verified)) if verified else None
            ),
            cells=_cells(verified) if verified else None,
            first_wrong_steps=_first_wrong_steps(verified),
        )

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object; intervals as lists."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def _cells(verified: Sequence[Completion]) -> dict[str, int]:
    counts = Counter(
        f"{'right' if one.exact_match else 'wrong'}_"
        f"{'valid' if one.explanation_valid else 'invalid'}"
        for one in verified
    )
    return {cell: counts[cell] for cell in CELLS}


def _first_wrong_steps(verified: Sequence[Completion]) -> list[dict[str, Any]]:
    counts = Counter(
        (one.wrong_operator, one.wrong_step)
        for one in verified
        if one.wrong_step is not None
    )

    def rank(item: tuple[tuple[str | None, int | None], int]) -> tuple[int, int, str]:
        (operator, step), count = item
        return -count, step or 0, operator or ""

    return [
        {"operator": operator, "step": step, "count": count}
        for (operator, step), count in sorted(counts.items(), key=rank)
    ]


class Judged(NamedTuple):
    """The answer that a completion gives behind the marker, and whether it is right."""

    extracted: str | None
    exact_match: bool
    flexible_match: bool
    """Of the answer in any form, wherever the completion gives it."""


def judge(completion: str, gold: Gold, layout: TargetFormat, prompt: str) -> Judged:
    """Compare a completion with gold, strictly and flexibly."""
    extracted = extract_answer(completion, layout, prompt)
    right = exact_match(extracted, gold.answer)
    return Judged(extracted, right, right or gold.matches(completion, extracted))


def level_rank(level: str) -> int:
    """The place of a level in reports: from the least explanation to the most."""
    names: list[str] = [*LEVELS]
    return names.index(level) if level in names else len(names)


def by_level(completions: Iterable[Completion]) -> dict[str, Metrics]:
    """Metrics per level, in the order of the levels."""
    ordered = sorted(completions, key=lambda one: level_rank(one.level))
    return {
        level: Metrics.of(list(group))
        for level, group in groupby(ordered, key=lambda one: one.level)
    }
