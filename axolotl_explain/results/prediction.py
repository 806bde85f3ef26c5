"""Prediction: what a model answers to one row, a line of what `predict` writes.

{"row": 1, "id": "m-17", "data": "rows.jsonl", "model": "outputs/run",
 "level": "long", "prompt": "…", "completion": "…", "explanation": "…",
 "answer": "western", "parsed": true, "num_tokens": 31, "num_prompt_tokens": 80,
 "stop_reason": "end"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.resumable import LineFormat

SAMPLED = ("samples", "agreement", "votes")
"""Keys of predictions by several samples alone."""

Key = tuple[str, str, int, int]
"""(data, level, row, sample)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One answer with all that belongs to it; fields as in the file."""

    row: int
    """Counted from 1 in its file."""
    id: str = ""
    data: str
    model: str
    level: str
    prompt: str
    """As text; empty where a server writes it from the conversation."""
    completion: str
    raw: str | None = None
    """All that an untrained model wrote, where `completion` is its beginning alone."""
    explanation: str
    answer: str | None
    """Behind the answer marker; None where there is none."""
    parsed: bool
    num_tokens: int | None
    """Of the completion; None where a server does not tell."""
    num_prompt_tokens: int | None
    stop_reason: str
    """`end`, or `length` where it ran out of tokens."""
    sample: int = 0
    """Which of several samples, while they are drawn."""
    samples: int | None = None
    agreement: float | None = None
    """The share of all samples that give this answer."""
    votes: Mapping[str, int] | None = None
    """Answer -> samples that give it, the most frequent first."""

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        values = asdict(self)
        dropped = [*(SAMPLED if self.samples is None else ()), "sample"]
        dropped += ["raw"] if self.raw is None else []
        return {name: values[name] for name in values if name not in dropped}


def to_line(one: Prediction) -> str:
    """A prediction as a line of JSONL."""
    return f"{json.dumps(one.to_dict(), ensure_ascii=False)}\n"


def kept_line(one: Prediction) -> str:
    """The same while work goes on, with the number of the sample."""
    content = {**one.to_dict(), "sample": one.sample}
    return f"{json.dumps(content, ensure_ascii=False)}\n"


def from_json(line: Any) -> Prediction:
    """A prediction from a line, parsed.

    Raises:
        ExplainError: if it is none.
    """
    try:
        return Prediction(**line)
    except TypeError as error:
        raise ExplainError(f"no line of a prediction ({error}).") from None


def key_of(one: Prediction) -> Key:
    """What tells a sample from all others."""
    return one.data, one.level, one.row, one.sample


LINES: LineFormat[Key, Prediction] = LineFormat(key_of, kept_line, from_json)
