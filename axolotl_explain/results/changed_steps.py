"""What a model answers behind an explanation with a changed step, as it is kept.

`changed_steps.json` beside metrics.json, an entry for each dataset, model and level:

    {"format": 1, "fingerprint": "9c1e…", "evaluations": [
     {"data": "data/test.jsonl", "model": "outputs/long", "level": "long", "rows": 500,
      "without_number": 0, "right": 480, "followed": 455, "ignored": 20,
      "unanswered": 5}, …]}

`right` counts the rows that are answered right behind the true beginning of their
explanation; of these, behind the changed one, `followed` are answered otherwise,
`ignored` right all the same, and `unanswered` not at all. `changed_steps.jsonl` has
both beginnings and both completions of every row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from axolotl_explain.results.interval import Interval, wilson_interval
from axolotl_explain.results.json_values import as_integer, as_list, as_mapping, as_text
from axolotl_explain.results.lenient import read_object
from axolotl_explain.support.whole_file import write_whole

SUMMARY, LINES = "changed_steps.json", "changed_steps.jsonl"
FORMAT = 1
COUNTED = ("rows", "without_number", "right", "followed", "ignored", "unanswered")

Outcome = Literal["followed", "ignored", "unanswered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """One row, asked behind both beginnings; fields as in the file.

    Attributes:
        step: which was changed, counted from 1, of `steps`.
        changed_answer: None where there is none.
    """

    row: int
    id: str
    data: str
    model: str | None
    level: str
    answer: str
    step: int
    steps: int
    true_beginning: str
    true_completion: str
    true_right: bool
    changed_beginning: str
    changed_completion: str
    changed_answer: str | None
    changed_right: bool

    @property
    def outcome(self) -> Outcome:
        """What the model made of the changed step."""
        if self.changed_answer is None:
            return "unanswered"
        return "ignored" if self.changed_right else "followed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSteps:
    """Counts of one dataset, model and level; see the head of this file."""

    data: str
    model: str | None
    level: str
    rows: int
    without_number: int
    right: int
    followed: int
    ignored: int
    unanswered: int

    @classmethod
    def of(
        cls,
        answers: Sequence[ChangedAnswer],
        data: str,
        model: str | None,
        level: str,
        without_number: int,
    ) -> ChangedSteps:
        """Count answers."""
        right = [one for one in answers if one.true_right]
        counts = dict.fromkeys(("followed", "ignored", "unanswered"), 0)
        for one in right:
            counts[one.outcome] += 1
        return cls(
            data=data,
            model=model,
            level=level,
            rows=len(answers) + without_number,
            without_number=without_number,
            right=len(right),
            **counts,
        )

    @property
    def followed_interval(self) -> Interval | None:
        """95 % (Wilson) of the share that follows; None without a right row."""
        return wilson_interval(self.followed, self.right) if self.right else None


def write_changed_steps(
    folder: Path,
    found: Sequence[ChangedSteps],
    answers: Sequence[ChangedAnswer],
    fingerprint: str,
) -> None:
    """Write both files, the summary last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SUMMARY).unlink(missing_ok=True)
    lines = (json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in answers)
    write_whole(folder / LINES, "".join(lines))
    content = {
        "format": FORMAT,
        "fingerprint": fingerprint,
        "evaluations": [asdict(one) for one in found],
    }
    write_whole(folder / SUMMARY, json.dumps(content, indent=2) + "\n")


def read_changed_steps(
    folder: Path, notes: list[str], fingerprint: str | None = None
) -> list[ChangedSteps]:
    """What a folder has of them; nothing where it has none.

    Args:
        notes: gets a sentence for what cannot be read.
        fingerprint: of the evaluation that is wanted; another counts as none.
    """
    if not (folder / SUMMARY).is_file():
        return []
    found = read_object(folder / SUMMARY, notes)
    if fingerprint is not None and found.get("fingerprint") != fingerprint:
        return []
    entries = map(as_mapping, as_list(found.get("evaluations")))
    return [one for entry in entries if (one := _entry(entry)) is not None]


def _entry(entry: Mapping[str, Any]) -> ChangedSteps | None:
    counts = {name: as_integer(entry.get(name)) for name in COUNTED}
    known = {name: count for name, count in counts.items() if count is not None}
    if len(known) < len(COUNTED):
        return None
    return ChangedSteps(
        data=str(entry.get("data")),
        model=as_text(entry.get("model")),
        level=str(entry.get("level")),
        **known,
    )
