"""Example: one problem as text, read from and written to a row, with every check.

A row as it stands in a file:

    {"id": "m-17", "instruction": "Name the genre.", "input": "A sheriff …",
     "answer": "western",
     "explanations": {"short": "…", "medium": "…", "long": "…"},
     "meta": {"year": 1952}}

Flat columns `explanation_short`, `explanation_medium`, `explanation_long` mean the same
as the nested mapping; where neither says anything, a column `explanation` is the long
one. A row may also have a `system` prompt, and a `history`: the turns before this
problem, as `[{"role": "user", "content": "…"}, …]`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.core.levels import EXPLAINED, LEVELS, Level
from axolotl_explain.core.raw_row import WrittenFloat

WHOLE = "explanation"
"""The column of a row that has one explanation and no levels; it is read as long."""
FLAT = {level: f"explanation_{level}" for level in EXPLAINED}
COLUMNS = (
    "id",
    "system",
    "history",
    "instruction",
    "input",
    "answer",
    "explanations",
    "level",
    "meta",
)
Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said before the problem."""

    role: Role
    content: str

    def to_dict(self) -> dict[str, str]:
        """As a message of a chat template."""
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True, slots=True)
class Example:
    """One problem. All texts are stripped at both ends; absent ones are empty."""

    instruction: str
    answer: str
    input: str = ""
    explanations: Mapping[Level, str] = field(default_factory=dict)
    """Explained level -> text; only levels that have one."""
    id: str = ""
    level: str | None = None
    """The row's own wish, read by the policy `requested`."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    system: str = ""
    """The row's own system prompt."""
    history: tuple[Turn, ...] = ()
    """The turns before this problem, the oldest first."""
    steps: tuple[str, ...] = ()
    """The calculations that its source marks, such as `48/2=24`; rows have no field for
    them."""

    @property
    def levels(self) -> frozenset[Level]:
        """The levels this example can be trained at; `none` always among them."""
        return frozenset(("none", *self.explanations))

    @property
    def identity(self) -> str:
        """What seeded draws key on: the id, and the problem where ids repeat."""
        said = [text for turn in self.history for text in (turn.role, turn.content)]
        before = [self.system, *said] if self.system or said else []
        parts = (self.id, *before, self.instruction, self.input, self.answer)
        return "\x1f".join(parts)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Example:
        """Read and check one row.

        Raises:
            BadRow: naming the field, if `instruction` or `answer` is missing or empty,
                if a text is a list or mapping, if an explanation has an unknown level
                or is given both nested and flat with different texts, or if `history`
                holds anything but turns.
        """
        return cls(
            instruction=_required(row, "instruction"),
            answer=_required(row, "answer"),
            input=as_text(row.get("input"), "input"),
            explanations=_explanations(row),
            id=as_text(row.get("id"), "id"),
            level=as_text(row.get("level"), "level") or None,
            meta=as_meta(row.get("meta")),
            system=as_text(row.get("system"), "system"),
            history=_history(row.get("history")),
        )

    def to_row(self) -> dict[str, Any]:
        """The canonical row, nested, without fields that are empty."""
        row: dict[str, Any] = {
            "id": self.id,
            "system": self.system,
            "history": [turn.to_dict() for turn in self.history],
            "instruction": self.instruction,
            "input": self.input,
            "answer": self.answer,
            "explanations": {
                level: self.explanations[level]
                for level in EXPLAINED
                if level in self.explanations
            },
            "level": self.level,
            "meta": dict(self.meta),
        }
        return {name: value for name, value in row.items() if value}


def as_text(value: object, name: str) -> str:
    """A field as text: numbers and booleans in JSON's spelling, None as empty.

    A whole float loses its `.0`, because a column that mixes 72 and 3.5, or numbers and
    missing ones, is written as floats throughout; NaN is how pandas marks the latter.
    Of another number the text is what stands in the file, where that is known.

    Raises:
        BadRow: if the value is a list, a mapping or anything else.

    >>> as_text(72.0, "answer"), as_text(True, "answer"), as_text(" a ", "answer")
    ('72', 'true', 'a')
    """
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number_text(value)
    kind = type(value).__name__
    raise BadRow(
        f"{name}: {quoted(value)} is a {kind}; a text, a number or a boolean is "
        "needed.",
        f"{name} is a {kind}",
    )


def _number_text(value: float) -> str:
    if isinstance(value, WrittenFloat):
        return value.text
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def as_meta(value: object) -> Mapping[str, Any]:
    """The meta of a row: a mapping, or one written as JSON.

    The latter is for tables, whose columns have one type in all rows.

    Raises:
        BadRow: if it is anything else.
    """
    if isinstance(value, str) and value.strip():
        try:
            found = json.loads(value)
        except ValueError:
            found = value
    else:
        found = value or {}
    if isinstance(found, Mapping):
        return found
    raise BadRow(
        f"meta: {quoted(value)} is no mapping of names to values.", "meta is no mapping"
    )


def required(text: str, name: str, row: Mapping[str, Any]) -> str:
    """A text that may not be empty.

    Raises:
        BadRow: if it is; the message lists what the row has.
    """
    if text:
        return text
    state = "is empty" if name in row else "is missing"
    has = ", ".join(key for key, value in row.items() if value is not None)
    raise BadRow(
        f"{name}: {state}; every row needs one (this row has: {has}).",
        f"{name} {state}",
    )


def _required(row: Mapping[str, Any], name: str) -> str:
    return required(as_text(row.get(name), name), name, row)


def _history(value: object) -> tuple[Turn, ...]:
    if value is None:
        return ()
    turns = []
    for turn in value if isinstance(value, list | tuple) else [value]:
        given = turn if isinstance(turn, Mapping) else {}
        role = given.get("role")
        if role is None or role not in get_args(Role):
            raise BadRow(
                f"history: {quoted(turn)} is no turn; write a list of "
                '{"role": "user", "content": "…"}, with the roles user and assistant.',
                "history holds something that is no turn",
            )
        turns.append(Turn(role, as_text(given.get("content"), "history.content")))
    return tuple(turns)


def _explanations(row: Mapping[str, Any]) -> dict[Level, str]:
    nested = row.get("explanations")
    if nested is None:
        nested = {}
    elif not isinstance(nested, Mapping):
        raise BadRow(
            f"explanations: {quoted(nested)} is no mapping of levels to texts; write "
            '{"short": "…", "medium": "…", "long": "…"}.',
            "explanations is no mapping",
        )
    for name, value in nested.items():
        if name not in EXPLAINED and value is not None:
            hint = " (an answer alone needs no text)" if name in LEVELS else ""
            raise BadRow(
                f"explanations.{name}: no such level{hint}; use "
                f"{', '.join(EXPLAINED)}.",
                "explanations has an unknown level",
            )
    texts: dict[Level, str] = {}
    for level in EXPLAINED:
        inner = as_text(nested.get(level), f"explanations.{level}")
        flat = as_text(row.get(FLAT[level]), FLAT[level])
        if inner and flat and inner != flat:
            raise BadRow(
                f"explanations.{level} and {FLAT[level]} disagree; keep one of them.",
                f"explanations.{level} and {FLAT[level]} disagree",
            )
        if inner or flat:
            texts[level] = inner or flat
    whole = row.get(WHOLE)
    if not texts and isinstance(whole, str) and whole.strip():
        return {"long": whole.strip()}
    return texts
