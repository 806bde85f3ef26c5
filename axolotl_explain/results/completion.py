"""Completion: one generated text and its verdict, a line of completions.jsonl."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.json_values import (
    as_flag,
    as_integer,
    as_text,
)

UNRECORDED = ""
"""The model of a completion whose line has no such key."""

NOT_ALWAYS = ("raw", "exact_match_if_cut", "step", "tokens_trained")
"""Keys that are left out where they have no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One completion with all that was found out about it; fields as in the file."""

    row: int
    """Counted from 1 in the data file."""
    id: str = ""
    data: str = ""
    """The data file or hub dataset that the row is from."""
    model: str | None = None
    """The folder of the tuned model; None for the base model."""
    level: str
    prompt: str
    completion: str
    """What is judged."""
    raw: str | None = None
    """All that the model wrote, where `completion` is its beginning alone."""
    answer: str
    """Gold."""
    extracted: str | None
    exact_match: bool
    flexible_match: bool | None = None
    """None where it was not compared, as in older files."""
    exact_match_if_cut: bool | None = None
    """The exact match of a completion that ends with its first answer line; the same as
    `exact_match` where it does. None in older files."""
    truncated: bool
    """Whether it ran out of tokens before it ended."""
    num_tokens: int
    """Of the completion, the end token aside."""
    num_prompt_tokens: int = 0
    explanation_valid: bool | None = None
    """Whether every step is right, in whatever words and order; None where no task can
    tell."""
    explanation_strict: bool | None = None
    """The same of an explanation that is also worded as the task words it, white space
    aside; None in files from before other words were read."""
    wrong_step: int | None = None
    """The first wrong step, counted from 1."""
    wrong_operator: str | None = None
    """Its operator; None where the text goes on after the last step."""
    wrong_reason: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    step: int | None = None
    """The optimizer step, of a completion made during training."""
    tokens_trained: int | None = None
    """In the loss by that step, where they were counted."""

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        values = asdict(self)
        absent = [name for name in NOT_ALWAYS if values[name] is None]
        return {name: values[name] for name in values if name not in absent}

    @classmethod
    def from_dict(cls, line: object) -> Completion:
        """Read a line, parsed as JSON, of any version and however much was edited.

        Keys that are unknown are left out; what is missing, or of another type, is
        empty or None.

        Raises:
            ExplainError: if it is no object, or lacks level, exact_match or completion.
        """
        if not isinstance(line, Mapping):
            raise ExplainError("not an object")
        right, level = line.get("exact_match"), line.get("level")
        text, meta = line.get("completion"), line.get("meta")
        if not (isinstance(right, bool) and level and isinstance(text, str)):
            raise ExplainError("level, exact_match or completion is missing")
        return cls(
            row=as_integer(line.get("row")) or 0,
            id=as_text(line.get("id")) or "",
            data=as_text(line.get("data")) or "",
            model=as_text(line.get("model", UNRECORDED)),
            level=str(level),
            prompt=as_text(line.get("prompt")) or "",
            completion=text,
            raw=as_text(line.get("raw")),
            answer=as_text(line.get("answer")) or "",
            extracted=as_text(line.get("extracted")),
            exact_match=right,
            flexible_match=as_flag(line.get("flexible_match")),
            exact_match_if_cut=as_flag(line.get("exact_match_if_cut")),
            truncated=bool(line.get("truncated")),
            num_tokens=as_integer(line.get("num_tokens")) or 0,
            num_prompt_tokens=as_integer(line.get("num_prompt_tokens")) or 0,
            explanation_valid=as_flag(line.get("explanation_valid")),
            explanation_strict=as_flag(line.get("explanation_strict")),
            wrong_step=as_integer(line.get("wrong_step")),
            wrong_operator=as_text(line.get("wrong_operator")),
            wrong_reason=as_text(line.get("wrong_reason")),
            meta=meta if isinstance(meta, Mapping) else {},
            step=as_integer(line.get("step")),
            tokens_trained=as_integer(line.get("tokens_trained")),
        )


def to_line(one: Completion) -> str:
    """A completion as a line of a JSONL file."""
    return f"{json.dumps(one.to_dict(), ensure_ascii=False, default=str)}\n"
