"""Completion: one generated text and its verdict, a line of completions.jsonl."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from axolotl_explain.core.errors import ExplainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One completion with all that was found out about it."""

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
    answer: str
    """Gold."""
    extracted: str | None
    exact_match: bool
    flexible_match: bool = False
    truncated: bool
    """Whether it ran out of tokens before it ended."""
    num_tokens: int
    """Of the completion, the end token aside."""
    num_prompt_tokens: int = 0
    explanation_valid: bool | None = None
    """Whether every step is right; None where no task can tell."""
    wrong_step: int | None = None
    """The first wrong step, counted from 1."""
    wrong_operator: str | None = None
    """Its operator; None where the text goes on after the last step."""
    wrong_reason: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Completion:
        """From a JSON object; keys that are unknown are left out, so that files of
        other versions can be read, and missing newer ones have their defaults.

        Raises:
            ExplainError: naming a key that every version has and this object lacks.
        """
        known = {one.name for one in fields(cls)}
        try:
            return cls(**{name: values[name] for name in values if name in known})
        except TypeError:
            missing = [name for name in REQUIRED if name not in values]
            raise ExplainError(
                f"{', '.join(missing)}: missing; a completion has "
                f"{', '.join(REQUIRED)}."
            ) from None


REQUIRED = (
    "row",
    "level",
    "prompt",
    "completion",
    "answer",
    "extracted",
    "exact_match",
    "truncated",
    "num_tokens",
)
"""Keys that completions of every version have."""
