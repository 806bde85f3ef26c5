"""Counts over a group of completions, and the shares that follow from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.results.lenient import listed, mapping
from axolotl_explain.results.metrics import CELLS
from axolotl_explain.results.record import Record


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts; None where the files do not say."""

    rows: int
    right: int
    flexible: int | None = None
    parsed: int | None = None
    truncated: int | None = None
    tokens: float | None = None
    """All tokens generated."""
    cells: Mapping[str, int] = field(default_factory=dict)
    """Counts by `CELLS`, of the completions whose explanation was verified."""
    wrong_steps: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """How often an explanation first goes wrong there, by operator and step."""

    @property
    def share(self) -> float:
        """Exact match."""
        return self.right / self.rows

    @property
    def interval(self) -> tuple[float, float]:
        """95 % (Wilson), of exact match."""
        return wilson_interval(self.right, self.rows)

    @property
    def tokens_per_completion(self) -> float | None:
        """On average."""
        return None if self.tokens is None else self.tokens / self.rows

    @property
    def tokens_per_right(self) -> float | None:
        """All tokens over all right answers; None without a right answer."""
        known = self.tokens is not None and self.right > 0
        return self.tokens / self.right if known and self.tokens else None

    @property
    def verified(self) -> int:
        """Completions whose explanation was verified."""
        return sum(self.cells.values())

    @property
    def validity(self) -> float | None:
        """The share of verified explanations whose every step is right."""
        valid = self.cells.get("right_valid", 0) + self.cells.get("wrong_valid", 0)
        return valid / self.verified if self.verified else None


def summarise(records: Sequence[Record]) -> Summary:
    """Count completions; there must be one at least."""
    flexible = [one.flexible for one in records if one.flexible is not None]
    cells = Counter(
        f"{'right' if one.right else 'wrong'}_{'valid' if one.valid else 'invalid'}"
        for one in records
        if one.valid is not None
    )
    return Summary(
        rows=len(records),
        right=sum(one.right for one in records),
        flexible=sum(flexible) if len(flexible) == len(records) else None,
        parsed=sum(one.extracted is not None for one in records),
        truncated=sum(one.truncated for one in records),
        tokens=sum(one.num_tokens for one in records),
        cells=cells,
        wrong_steps=Counter(
            (one.wrong_operator or "past the end", one.wrong_step)
            for one in records
            if one.valid is False and one.wrong_step is not None
        ),
    )


def from_metrics(metrics: Mapping[str, Any]) -> Summary | None:
    """The counts behind metrics as stored; None where the main ones are missing."""
    rows, share = metrics.get("num_rows"), metrics.get("exact_match")
    if not (isinstance(rows, int) and rows > 0 and isinstance(share, int | float)):
        return None

    def count(name: str) -> int | None:
        value = metrics.get(name)
        return round(value * rows) if isinstance(value, int | float) else None

    tokens = metrics.get("tokens_per_completion")
    cells = mapping(metrics.get("cells"))
    return Summary(
        rows=rows,
        right=round(share * rows),
        flexible=count("flexible_match"),
        parsed=count("parsed_rate"),
        truncated=count("truncated_rate"),
        tokens=tokens * rows if isinstance(tokens, int | float) else None,
        cells={name: int(cells[name]) for name in CELLS if cells.get(name)},
        wrong_steps=_stored_steps(listed(metrics.get("first_wrong_steps"))),
    )


def _stored_steps(entries: Iterable[object]) -> dict[tuple[str, int], int]:
    steps: Counter[tuple[str, int]] = Counter()
    for entry in map(mapping, entries):
        step, count = entry.get("step"), entry.get("count")
        if isinstance(step, int) and isinstance(count, int):
            steps[str(entry.get("operator") or "past the end"), step] += count
    return dict(steps)
