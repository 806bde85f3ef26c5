"""Completions -> what is kept of each, and the metrics of a group of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from axolotl_explain.answers import exact_match, extract_answer, wilson_interval
from axolotl_explain.formats import TargetFormat
from axolotl_explain.levels import LEVELS


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion and its verdict, as it stands in completions.jsonl."""

    row: int
    """Counted from 1 in the data file."""
    id: str
    level: str
    prompt: str
    completion: str
    answer: str
    """Gold."""
    extracted: str | None
    exact_match: bool
    truncated: bool
    num_tokens: int
    meta: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Shares in [0, 1] over a group of completions."""

    num_rows: int
    exact_match: float
    interval: tuple[float, float]
    """95 % (Wilson), of exact_match."""
    parsed_rate: float
    """The share of completions that had an answer at all."""
    truncated_rate: float
    """The share that ran out of tokens."""
    tokens_per_completion: float

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
        return cls(
            num_rows=total,
            exact_match=right / total,
            interval=wilson_interval(right, total),
            parsed_rate=sum(one.extracted is not None for one in completions) / total,
            truncated_rate=sum(one.truncated for one in completions) / total,
            tokens_per_completion=sum(one.num_tokens for one in completions) / total,
        )

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return {**asdict(self), "interval": list(self.interval)}


def judge(
    completion: str, answer: str, layout: TargetFormat, prompt: str
) -> tuple[str | None, bool]:
    """The extracted answer, and whether it is the gold one."""
    extracted = extract_answer(completion, layout, prompt)
    return extracted, exact_match(extracted, answer)


def by_level(completions: Iterable[Completion]) -> dict[str, Metrics]:
    """Metrics per level, in the order of the levels."""

    names: list[str] = [*LEVELS]

    def rank(one: Completion) -> int:
        return names.index(one.level) if one.level in names else len(names)

    ordered = sorted(completions, key=rank)
    return {
        group[0].level: Metrics.of(group)
        for group in (list(members) for _, members in groupby(ordered, key=rank))
    }
