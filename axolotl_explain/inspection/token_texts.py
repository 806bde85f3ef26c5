"""Ids -> the text that each token adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from axolotl_explain.tokens.encoder import special_tokens

INCOMPLETE = "\ufffd"
LONGEST_CHARACTER = 4
"""In bytes of UTF-8, so in tokens at most."""


def pieces(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """What each token adds to the text, so that the pieces together are the whole.

    A token is decoded behind the one before it, since some tokenizers give a token no
    space of its own at the start. One that holds only a part of a character adds
    nothing; the character comes with its last token.
    """
    decode = _decoder(tokenizer, ids)
    found: list[str] = []
    start = done = 0
    for end in range(1, len(ids) + 1):
        before = decode(ids[start:done])
        text = decode(ids[start:end])
        waiting = text.endswith(INCOMPLETE) and end < len(ids)
        if waiting and end - done < LONGEST_CHARACTER:
            found.append("")
            continue
        joined = text.startswith(before)
        found.append(text[len(before) :] if joined else decode(ids[done:end]))
        start, done = done, end
    return found


def _decoder(tokenizer: Any, ids: Sequence[int]) -> Callable[[Sequence[int]], str]:
    """Decodes with special tokens written out and text as it is.

    The sentencepiece tokenizers of mistral_common write either the former or the
    latter; special tokens are then written one by one.
    """
    special = {*tokenizer.all_special_ids, *special_tokens(tokenizer)}

    def decode(part: Sequence[int], skip: bool = False) -> str:
        if not part:
            return ""
        return str(tokenizer.decode(list(part), skip_special_tokens=skip))

    def by_kind(part: Sequence[int]) -> str:
        runs = groupby(part, key=special.__contains__)
        return "".join(decode(list(run), not is_special) for is_special, run in runs)

    plain = [id for id in ids if id not in special]
    return decode if decode(plain) == decode(plain, skip=True) else by_kind
