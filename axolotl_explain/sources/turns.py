"""The turns of a conversation: who says what, and which turn is to be trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.example import as_text

COLUMNS = ("messages", "conversations", "conversation")
REASONING = ("reasoning_content", "thinking", "reasoning")
TRAINING_MARKS = ("train", "training", "weight", "loss")
"""Keys of a turn that say whether it is trained: true or 1, false or 0."""
ROLES: dict[str, Literal["system", "user", "assistant"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
}

ReadTurn = tuple[Literal["system", "user", "assistant"], str, str]
"""(role, content, reasoning)"""


def read_turns(row: Mapping[str, Any], column: str | None) -> list[ReadTurn]:
    """The turns of a row, the first one first.

    Raises:
        BadRow: if one of them cannot be read, or another than the last is trained.
        ExplainError: if there is no column with turns.
    """
    names = (column,) if column else COLUMNS
    present = [name for name in names if name in row]
    if not present:
        raise ExplainError(
            f"explain.messages: there is no column {' or '.join(names)}; the columns "
            f"are {', '.join(map(str, row))}; name it: messages: {{column: …}}."
        )
    value = next((row[name] for name in present if row[name]), None)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise BadRow(
            f"{present[0]}: {quoted(value)} is no list of turns.",
            f"{present[0]} is no list of turns",
        )
    _check_marks(value)
    return [_read(turn) for turn in value]


def _check_marks(turns: Sequence[object]) -> None:
    """Refuse a conversation in which another turn than the last is to be trained.

    Raises:
        BadRow: naming the turn and its mark.
    """
    for number, turn in enumerate(turns, 1):
        marks = _marks(turn)
        is_last = number == len(turns)
        if not marks or (all(marks.values()) if is_last else not all(marks.values())):
            continue
        key, value = min(marks.items(), key=lambda mark: bool(mark[1]))
        mark = f"{key}: {str(value).lower()}"
        if is_last:
            raise BadRow(
                f"messages: the last turn is marked not to be trained ({mark}), "
                "and it is the one that is trained here; take the row out, or set "
                "on_bad_row: skip.",
                "the last turn is marked not to be trained",
            )
        raise BadRow(
            f"messages: turn {number} is marked to be trained ({mark}), and only "
            "the last one is trained here; make a row of each turn to be "
            "trained, or remove the mark.",
            "an earlier turn is marked to be trained",
        )


def _marks(turn: object) -> dict[str, Any]:
    """The marks of a turn and of the parts of its content."""
    if not isinstance(turn, Mapping):
        return {}
    content = turn.get("content")
    parts = content if isinstance(content, list | tuple) else ()
    marks: dict[str, Any] = {}
    for holder in (turn, *parts):
        if not isinstance(holder, Mapping):
            continue
        for key in TRAINING_MARKS:
            value = holder.get(key)
            if value is None:
                continue
            if value not in (0, 1):
                raise BadRow(
                    f"messages: {key}: {quoted(value)} is no mark that is read here; "
                    "a turn is trained or it is not: true, false, 1 or 0.",
                    f"a turn has a {key} other than 0 or 1",
                )
            marks[key] = value if marks.get(key, True) else marks[key]
    return marks


def _read(turn: object) -> ReadTurn:
    if not isinstance(turn, Mapping):
        raise BadRow(f"messages: {quoted(turn)} is no turn.", "a turn is no mapping")
    name = turn.get("role") or turn.get("from")
    role = ROLES.get(str(name))
    if role is None:
        raise BadRow(
            f"messages: {quoted(name)} is no role that is read here; known are "
            f"{', '.join(ROLES)}.",
            "a turn has another role (such as tool)",
        )
    content = turn.get("content", turn.get("value"))
    reasoning = next((turn[key] for key in REASONING if turn.get(key)), None)
    return role, _content(content), as_text(reasoning, "reasoning_content")


def _content(value: object) -> str:
    """The text of a turn, which may be a list of parts."""
    if not isinstance(value, list | tuple):
        return as_text(value, "content")
    texts = []
    for part in value:
        if not isinstance(part, Mapping) or part.get("type", "text") != "text":
            raise BadRow(
                f"messages: {quoted(part)} is no text.", "a turn holds more than text"
            )
        text = part.get("text", part.get("value", part.get("content")))
        if text is None:
            raise BadRow(
                f"messages: {quoted(part)} has no text; write it under text.",
                "a part of a turn has no text",
            )
        texts.append(as_text(text, "content"))
    return "\n".join(texts)
