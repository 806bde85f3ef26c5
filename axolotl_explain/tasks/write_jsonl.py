"""Write examples as JSON lines, and sum up what was written."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axolotl_explain.core.example import Example


@dataclass(slots=True)
class SplitSummary:
    """What a file of generated problems holds."""

    rows: int = 0
    sha256: str = ""
    lengths: Counter[int] = field(default_factory=Counter)
    """`meta.list_length` -> how many rows."""
    answers: Counter[str] = field(default_factory=Counter)
    unlike: int | None = None
    """How many rows differ by more than the order of arguments; None: not counted."""

    def __str__(self) -> str:
        answer, count = self.answers.most_common(1)[0]
        fewest, most = self.rows_of_a_length
        alike = self.unlike is not None and self.unlike < self.rows
        return (
            f"{self.rows:,} rows"
            + (f" ({self.unlike:,} up to the order of arguments)" if alike else "")
            + f", list_length {min(self.lengths)} to {max(self.lengths)} ("
            + (f"{fewest:,} each" if fewest == most else f"{fewest:,} to {most:,} each")
            + f"), {len(self.answers)} different answers, most often {answer} "
            f"({count / self.rows:.1%})"
        )

    @property
    def rows_of_a_length(self) -> tuple[int, int]:
        """The fewest and the most, of lengths that occur."""
        return min(self.lengths.values()), max(self.lengths.values())

    def as_json(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        counted = {} if self.unlike is None else {"unlike": self.unlike}
        return {
            "rows": self.rows,
            **counted,
            "rows_of_a_length": list(self.rows_of_a_length),
            "sha256": self.sha256,
        }


def write_jsonl(
    path: Path,
    examples: Iterable[Example],
    on_row: Callable[[], object],
    key: Callable[[Example], str] | None = None,
) -> SplitSummary:
    """Write one line per example; `on_row` is called after each.

    Args:
        key: the same for examples that differ in the order of arguments alone; given,
            the ones that are unlike are counted.
    """
    summary = SplitSummary()
    keys: set[bytes] = set()
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for example in examples:
            line = (json.dumps(example.to_row(), ensure_ascii=False) + "\n").encode()
            file.write(line)
            digest.update(line)
            summary.rows += 1
            summary.lengths[example.meta["list_length"]] += 1
            summary.answers[example.answer] += 1
            if key is not None:
                text = key(example).encode()
                keys.add(hashlib.blake2b(text, digest_size=16).digest())
            on_row()
    summary.unlike = None if key is None else len(keys)
    summary.sha256 = digest.hexdigest()
    return summary
