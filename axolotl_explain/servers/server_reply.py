"""What a server has answered to one request: text, thoughts, its end and its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ServerReply:
    """The first choice of a completion.

    Attributes:
        text: what is said to the user; empty where nothing is.
        thought: what the server tells apart as reasoning.
        finish: why it ended, in the server's word, such as `stop` or `length`.
        refusal: why the model will not answer, where the server has a field for that.
        prompt_tokens, completion_tokens: None where the server does not count.
    """

    text: str
    thought: str = ""
    finish: str = ""
    refusal: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @property
    def with_thought(self) -> str:
        """Thoughts in tags, then the text: as the model itself wrote it."""
        if not self.thought:
            return self.text
        return f"<think>{self.thought}</think>\n{self.text}"


def read_server_reply(answer: object) -> ServerReply | None:
    """The reply in an answer as JSON; None where there is none."""
    try:
        choice = answer["choices"][0]  # type: ignore[index]
        message = choice.get("message") or {}
        text = choice.get("text") or _content(message.get("content"))
        usage = answer.get("usage") or {}  # type: ignore[attr-defined]
        return ServerReply(
            text,
            thought_of(message),
            str(choice.get("finish_reason") or ""),
            _text(message.get("refusal")),
            _count(usage.get("prompt_tokens")),
            _count(usage.get("completion_tokens")),
        )
    except (LookupError, TypeError, AttributeError):
        return None


def thought_of(message: Mapping[str, Any]) -> str:
    """What a server tells apart as reasoning; it has one of two names for that."""
    return _text(message.get("reasoning_content")) or _text(message.get("reasoning"))


def _content(value: object) -> str:
    """The text of a message, which may come in parts."""
    if isinstance(value, list):
        parts = (part.get("text") for part in value if isinstance(part, Mapping))
        return "".join(part for part in parts if isinstance(part, str))
    return _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and value >= 0 else None  # type: ignore[operator,return-value]
