"""Counts over a group of completions, and the shares that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.interval import Interval, wilson_interval
from axolotl_explain.results.json_values import as_list, as_mapping

CELLS = ("right_valid", "right_invalid", "wrong_valid", "wrong_invalid")
"""Answer, by exact match, and explanation."""


@dataclass(frozen=True, slots=True)
class CompletionCounts:
    """How many completions of a group are right, parsed …; None: not recorded."""

    rows: int
    right: int
    """By exact match."""
    flexible: int | None = None
    """Right by flexible match."""
    right_if_cut: int | None = None
    """By exact match, had each ended with its first answer line."""
    parsed: int | None = None
    truncated: int | None = None
    tokens: float | None = None
    """All tokens generated."""
    cells: Mapping[str, int] = field(default_factory=dict)
    """How many of each of `CELLS`, of those whose explanation was verified."""
    strict: int | None = None
    """How many of these explanations are right word for word."""
    wrong_steps: Mapping[tuple[str | None, int], int] = field(default_factory=dict)
    """(operator, step) -> how many explanations first go wrong there."""

    @classmethod
    def of(cls, completions: Sequence[Completion]) -> CompletionCounts:
        """Count completions.

        Raises:
            ValueError: if there are none.
        """
        if not completions:
            raise ValueError("counts of 0 completions")
        flexible = [one.flexible_match for one in completions]
        if_cut = [one.exact_match_if_cut for one in completions]
        strict = [
            one.explanation_strict
            for one in completions
            if one.explanation_valid is not None
        ]
        return cls(
            rows=len(completions),
            right=sum(one.exact_match for one in completions),
            flexible=None if None in flexible else sum(map(bool, flexible)),
            right_if_cut=None if None in if_cut else sum(map(bool, if_cut)),
            parsed=sum(one.extracted is not None for one in completions),
            truncated=sum(one.truncated for one in completions),
            tokens=sum(one.num_tokens for one in completions),
            cells=Counter(
                f"{'right' if one.exact_match else 'wrong'}_"
                f"{'valid' if one.explanation_valid else 'invalid'}"
                for one in completions
                if one.explanation_valid is not None
            ),
            strict=None if not strict or None in strict else sum(map(bool, strict)),
            wrong_steps=Counter(
                (one.wrong_operator, one.wrong_step)
                for one in completions
                if one.explanation_valid is False and one.wrong_step is not None
            ),
        )

    @classmethod
    def of_metrics(cls, metrics: Mapping[str, Any]) -> CompletionCounts | None:
        """Work out the counts behind metrics as metrics.json has them.

        Returns:
            None where num_rows or exact_match is missing.
        """
        rows, share = metrics.get("num_rows"), metrics.get("exact_match")
        if not (isinstance(rows, int) and rows > 0 and isinstance(share, int | float)):
            return None

        def count(name: str) -> int | None:
            value = metrics.get(name)
            return round(value * rows) if isinstance(value, int | float) else None

        tokens = metrics.get("tokens_per_completion")
        cells = as_mapping(metrics.get("cells"))
        verified = sum(cells[name] for name in CELLS if cells.get(name))
        strict = metrics.get("explanation_strict")
        return cls(
            rows=rows,
            right=round(share * rows),
            flexible=count("flexible_match"),
            right_if_cut=count("exact_match_if_cut"),
            parsed=count("parsed_rate"),
            truncated=count("truncated_rate"),
            tokens=tokens * rows if isinstance(tokens, int | float) else None,
            cells={name: int(cells[name]) for name in CELLS if cells.get(name)},
            strict=(
                round(strict * verified) if isinstance(strict, int | float) else None
            ),
            wrong_steps=_stored_steps(as_list(metrics.get("first_wrong_steps"))),
        )

    @property
    def share(self) -> float:
        """Exact match."""
        return self.right / self.rows

    @property
    def interval(self) -> Interval:
        """95 % (Wilson), of exact match."""
        return wilson_interval(self.right, self.rows)

    @property
    def tokens_per_completion(self) -> float | None:
        """On average."""
        return None if self.tokens is None else self.tokens / self.rows

    @property
    def tokens_per_right(self) -> float | None:
        """All tokens over all right answers; None without a right answer."""
        return self.tokens / self.right if self.tokens and self.right else None

    @property
    def verified(self) -> int:
        """Completions whose explanation was verified."""
        return sum(self.cells.values())

    @property
    def valid(self) -> int:
        """Of these, the ones whose every step is right."""
        return self.cells.get("right_valid", 0) + self.cells.get("wrong_valid", 0)

    @property
    def validity(self) -> float | None:
        """The share of verified explanations whose every step is right."""
        return self.valid / self.verified if self.verified else None

    @property
    def strict_validity(self) -> float | None:
        """The share of verified explanations that are right word for word."""
        if self.strict is None or not self.verified:
            return None
        return self.strict / self.verified


def _stored_steps(entries: Iterable[object]) -> dict[tuple[str | None, int], int]:
    steps: Counter[tuple[str | None, int]] = Counter()
    for entry in map(as_mapping, entries):
        step, count = entry.get("step"), entry.get("count")
        if isinstance(step, int) and isinstance(count, int):
            operator = entry.get("operator")
            steps[str(operator) if operator else None, step] += count
    return dict(steps)
