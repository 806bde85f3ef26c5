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

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.core.example import Turn, as_meta, as_text
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.thought import split_thought
from axolotl_explain.sources.turns import ReadTurn, read_turns


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
    turns = read_turns(row, options.column)
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


def _turn(role: Literal["system", "user", "assistant"], text: str) -> Turn:
    return Turn("user" if role == "user" else "assistant", text)


def _split(turn: ReadTurn, options: MessagesOptions) -> tuple[str, str]:
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
