"""Ids -> the text that each token adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

INCOMPLETE = "\ufffd"
LONGEST_CHARACTER = 4
"""In bytes of UTF-8, so in tokens at most."""


def pieces(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """What each token adds to the text, so that the pieces together are the whole.

    A token is decoded behind the one before it, since some tokenizers give a token no
    space of its own at the start. One that holds only a part of a character adds
    nothing; the character comes with its last token.
    """
    found: list[str] = []
    start = done = 0
    for end in range(1, len(ids) + 1):
        before = _decode(tokenizer, ids[start:done])
        text = _decode(tokenizer, ids[start:end])
        waiting = text.endswith(INCOMPLETE) and end < len(ids)
        if waiting and end - done < LONGEST_CHARACTER:
            found.append("")
            continue
        joined = text.startswith(before)
        found.append(
            text[len(before) :] if joined else _decode(tokenizer, ids[done:end])
        )
        start, done = done, end
    return found


def _decode(tokenizer: Any, ids: Sequence[int]) -> str:
    if not ids:
        return ""
    return str(tokenizer.decode(list(ids), skip_special_tokens=False))
