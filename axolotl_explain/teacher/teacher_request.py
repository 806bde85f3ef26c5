"""One request to a teacher, and the key by which its reply is found again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from axolotl_explain.core.draws import number
from axolotl_explain.core.levels import Level
from axolotl_explain.teacher.acceptance import Wanted
from axolotl_explain.teacher.prompt_files import Asked

MAX_NEW_TOKENS = 2_048
"""Of a reply, unless it is said otherwise."""

Ask = Literal["explain", "shorten", "hint"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """What every request has in common.

    Attributes:
        model: the name that the server knows it by.
        max_new_tokens: of a reply.
        body: further fields of a request; None takes one out.
    """

    model: str
    max_new_tokens: int = MAX_NEW_TOKENS
    temperature: float = 0.7
    top_p: float = 1.0
    seed: int = 0
    body: Mapping[str, Any] = field(default_factory=dict)

    def content(self, asked: Asked, place: str) -> bytes:
        """A request as it is sent; the same each time.

        Args:
            place: what and which try it is, of which the seed of the draw is made.
        """
        body = {
            "model": self.model,
            "prompt" if isinstance(asked, str) else "messages": asked,
            "max_tokens": self.max_new_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "seed": _seed(self.seed, place),
            **self.body,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        return json.dumps(sent, separators=(",", ":")).encode()

    @property
    def most_new_tokens(self) -> int:
        """Tokens that a reply can have, also where `body` says so."""
        said = [self.body.get(name) for name in ("max_tokens", "max_completion_tokens")]
        return max([self.max_new_tokens, *(n for n in said if isinstance(n, int))])


@lru_cache(maxsize=1_000)
def _seed(seed: int, place: str) -> int:
    return number(seed, "teacher", place) % 2**31


@dataclass(frozen=True, slots=True)
class TeacherRequest:
    """What is asked, as it is sent, and what the reply has to be.

    Attributes:
        turn: which try it is, from 1.
        content: the body, as it is sent.
        key: the same for all requests that are the same; sixty-four hex digits.
    """

    ask: Ask
    level: Level
    turn: int
    asked: Asked
    content: bytes
    key: str
    wanted: Wanted

    @classmethod
    def of(
        cls, sampling: Sampling, ask: Ask, turn: int, asked: Asked, wanted: Wanted
    ) -> TeacherRequest:
        """With its content and its key."""
        place = f"{ask}:{turn}"
        content = sampling.content(asked, place)
        key = hashlib.sha256(place.encode() + b"\0" + content).hexdigest()
        return cls(ask, wanted.level, turn, asked, content, key, wanted)
