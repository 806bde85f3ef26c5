"""One completion as the report keeps it, read from a line that may lack fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOT_SAID = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A completion and its verdict; None stands for what a file does not say."""

    level: str
    right: bool
    completion: str
    prompt: str = ""
    answer: str = ""
    extracted: str | None = None
    row: int = 0
    id: str = ""
    data: str = ""
    model: str | None = NOT_SAID
    """None: the base model. `NOT_SAID`: the file has no such field."""
    flexible: bool | None = None
    truncated: bool = False
    num_tokens: int = 0
    valid: bool | None = None
    """Whether every step of the explanation is right."""
    wrong_step: int | None = None
    """The first wrong step, counted from 1."""
    wrong_operator: str | None = None
    wrong_reason: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    step: int | None = None
    """Where the completion was made during training: the optimizer step."""
    tokens_trained: int | None = None

    @classmethod
    def of(cls, line: object) -> Record:
        """Read a JSON value.

        Raises:
            ValueError: if it is no object, or lacks level, exact_match or completion.
        """
        if not isinstance(line, Mapping):
            raise ValueError("not an object")
        right, level = line.get("exact_match"), line.get("level")
        text = line.get("completion")
        if not (isinstance(right, bool) and level and isinstance(text, str)):
            raise ValueError("level, exact_match or completion is missing")
        meta = line.get("meta")
        return cls(
            level=str(level),
            right=right,
            completion=text,
            prompt=_text(line.get("prompt")) or "",
            answer=_text(line.get("answer")) or "",
            extracted=_text(line.get("extracted")),
            row=_whole(line.get("row")) or 0,
            id=_text(line.get("id")) or "",
            data=_text(line.get("data")) or "",
            model=_text(line.get("model", NOT_SAID)),
            flexible=_flag(line.get("flexible_match")),
            truncated=bool(line.get("truncated")),
            num_tokens=_whole(line.get("num_tokens")) or 0,
            valid=_flag(line.get("explanation_valid")),
            wrong_step=_whole(line.get("wrong_step")),
            wrong_operator=_text(line.get("wrong_operator")),
            wrong_reason=_text(line.get("wrong_reason")) or "",
            meta=meta if isinstance(meta, Mapping) else {},
            step=_whole(line.get("step")),
            tokens_trained=_whole(line.get("tokens_trained")),
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value)
