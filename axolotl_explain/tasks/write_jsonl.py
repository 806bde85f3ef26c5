"""Write examples as JSON lines, and sum up what was written."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from axolotl_explain.core.example import Example


@dataclass(slots=True)
class SplitSummary:
    """What a file of generated problems holds."""

    rows: int = 0
    sha256: str = ""
    lengths: set[int] = field(default_factory=set)
    """Values of `meta.list_length`."""
    answers: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        answer, count = self.answers.most_common(1)[0]
        return (
            f"{self.rows:,} rows, list_length {min(self.lengths)} to "
            f"{max(self.lengths)}, {len(self.answers)} different answers, most often "
            f"{answer} ({count / self.rows:.1%})"
        )


def write_jsonl(
    path: Path, examples: Iterable[Example], on_row: Callable[[], object]
) -> SplitSummary:
    """Write one line per example; `on_row` is called after each."""
    summary = SplitSummary()
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for example in examples:
            line = (json.dumps(example.to_row(), ensure_ascii=False) + "\n").encode()
            file.write(line)
            digest.update(line)
            summary.rows += 1
            summary.lengths.add(example.meta["list_length"])
            summary.answers[example.answer] += 1
            on_row()
    summary.sha256 = digest.hexdigest()
    return summary
