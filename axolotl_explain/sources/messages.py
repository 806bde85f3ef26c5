"""Conversations -> drafts: the last question is the problem, the rest its history.

    {"messages": [{"role": "system", "content": "Be exact."},
                  {"role": "user", "content": "What is 3 + 4?"},
                  {"role": "assistant", "content": "<think>3, then 4 more.</think>7"}]}

ShareGPT's `conversations` with `from` and `value` mean the same. The last turn is the
assistant's; its explanation is a reasoning field, a `<think>` span, or what stands
before a separator. The last turn is what is trained: a row whose turns are marked
otherwise (`weight`, `train`, …) is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.core.example import Turn, as_meta, as_text
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.thought import split_thought

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


class MessagesOptions(BaseModel):
    """How conversations are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    column: str | None = Field(
        default=None,
        description="the column that holds the turns; without it, messages or "
        "conversations",
    )
    explanation: Literal["auto", "field", "think", "separator"] = Field(
        default="auto",
        description="where the explanation is: field (reasoning_content, thinking, "
        "reasoning), think (a <think> span), separator; auto: the first of these that "
        "there is",
    )
    separator: str | None = Field(
        default=None, description="what stands between explanation and answer"
    )
    level: Literal["short", "medium", "long"] = Field(
        default="long", description="the level of the explanations"
    )

    @model_validator(mode="after")
    def _separator_given(self) -> MessagesOptions:
        if self.explanation == "separator" and not self.separator:
            raise ValueError("explanation: separator needs separator: to be given")
        return self


def read_messages(row: Mapping[str, Any], options: MessagesOptions) -> Draft:
    """The draft of a conversation.

    Where the row also has an `input` that ends the question, it is taken as such, so
    that what `axolotl explain convert --to messages` wrote is read back as it was.

    Raises:
        BadRow: if it does not end in a question and its answer, or has other roles.
        ExplainError: if there is no column with turns.
    """
    turns = _turns(row, options.column)
    system = as_text(row.get("system"), "system")
    if turns and turns[0][0] == "system":
        system = turns.pop(0)[1]
    roles = [role for role, _, _ in turns]
    if roles[-2:] != ["user", "assistant"]:
        raise BadRow(
            f"messages: the roles are {', '.join(roles)}; a conversation ends in a "
            "user's turn and the assistant's.",
            "conversation does not end in a user's turn and the assistant's",
        )
    if "system" in roles:
        raise BadRow(
            "messages: a system turn stands in the middle of the conversation.",
            "system turn in the middle of the conversation",
        )
    question = turns[-2][1]
    given = as_text(row.get("input"), "input")
    explanation, answer = _split(turns[-1], options)
    return Draft(
        question.removesuffix(f"\n\n{given}") if given else question,
        answer,
        given if given and question.endswith(f"\n\n{given}") else "",
        {options.level: [explanation]},
        as_text(row.get("id"), "id"),
        as_text(row.get("level"), "level") or None,
        as_meta(row.get("meta")),
        system,
        tuple(_turn(role, text) for role, text, _ in turns[:-2]),
    )


_Read = tuple[Literal["system", "user", "assistant"], str, str]
"""(role, content, reasoning)"""


def _turn(role: Literal["system", "user", "assistant"], text: str) -> Turn:
    return Turn("user" if role == "user" else "assistant", text)


def _turns(row: Mapping[str, Any], column: str | None) -> list[_Read]:
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


def _read(turn: object) -> _Read:
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


def _split(turn: _Read, options: MessagesOptions) -> tuple[str, str]:
    """Explanation and answer of the answering turn; the first may be empty."""
    _, content, reasoning = turn
    where = options.explanation
    thought, answer = split_thought(content)
    if where == "field" or (where == "auto" and reasoning):
        if thought not in ("", reasoning):
            raise BadRow(
                f"messages: the turn has two explanations, {quoted(reasoning)} in its "
                f"reasoning field and {quoted(thought)} in tags; remove one of them.",
                "a turn has two explanations",
            )
        return reasoning, answer
    if where in ("auto", "think") and (thought or answer != content):
        return thought, answer
    if options.separator and where in ("auto", "separator"):
        explanation, separator, answer = content.rpartition(options.separator)
        if not separator:
            raise BadRow(
                f"messages: {quoted(options.separator)} is not in the answering turn "
                f"{quoted(content)}.",
                "separator is not in the answering turn",
            )
        return explanation, answer
    return "", content
