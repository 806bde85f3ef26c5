"""Which part of a target each of its tokens belongs to.

A token that reaches over the border of two segments belongs to the one that has its
first character that is no white space: in `answer: western`, the token ` western`
begins with the last space of the marker and is the answer's.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from axolotl_explain.core.target import Segment, text_of

Kinds = np.ndarray[tuple[int], np.dtype[np.int8]]


class Offsets(Protocol):
    """Where the tokens of a text begin, in characters."""

    @abstractmethod
    def token_at(self, character: int) -> int | None:
        """The first token that holds a character; None where no token has it."""

    @abstractmethod
    def begin(self, token: int) -> int:
        """The first character of a token."""


def kinds_of(segments: Sequence[Segment], num_tokens: int, offsets: Offsets) -> Kinds:
    """The kind of each token of a text that is made of segments."""
    text = text_of(segments)
    starts, border = [0], 0
    for segment in segments[:-1]:
        border += len(segment.text)
        start = _first_token(text, border, num_tokens, offsets)
        starts.append(max(start, starts[-1]))
    widths = [end - begin for begin, end in pairwise([*starts, num_tokens])]
    return np.repeat(np.array([one.kind for one in segments], np.int8), widths)


def _first_token(text: str, border: int, num_tokens: int, offsets: Offsets) -> int:
    """The first token behind a border between two segments."""
    found = (offsets.token_at(place) for place in range(border, len(text)))
    token = next((one for one in found if one is not None), None)
    if token is None:
        return num_tokens
    before = text[offsets.begin(token) : border]
    if not before:
        return token
    places = range(border, len(text))
    solid = next((place for place in places if not text[place].isspace()), None)
    reaches = solid is not None and offsets.token_at(solid) == token
    return token if reaches and not before.strip() else token + 1


class FastOffsets(Offsets):
    """Of a `tokenizers.Encoding`, whose text may stand behind a lead.

    Args:
        lead: characters before the text.
        skip: tokens before it.
    """

    def __init__(self, encoding: Any, lead: int, skip: int) -> None:
        self.encoding = encoding
        self.lead = lead
        self.skip = skip

    def token_at(self, character: int) -> int | None:
        token = self.encoding.char_to_token(character + self.lead)
        return None if token is None else max(0, token - self.skip)

    def begin(self, token: int) -> int:
        begin, _ = self.encoding.token_to_chars(token + self.skip)
        return max(0, int(begin) - self.lead)


class DecodedOffsets(Offsets):
    """Of ids alone, for tokenizers that give none: by decoding beginnings of the run.

    Characters are counted in what the ids decode to. Where that is not the text, as
    after a tokenizer that changes letters, a border may be off by as many.
    """

    def __init__(self, tokenizer: Any, ids: Sequence[int]) -> None:
        self.tokenizer = tokenizer
        self.ids = list(ids)
        self._lengths: dict[int, int] = {0: 0}

    def begin(self, token: int) -> int:
        """How many characters the tokens before it have."""
        if token not in self._lengths:
            text = self.tokenizer.decode(self.ids[:token], skip_special_tokens=True)
            self._lengths[token] = len(text.rstrip("\ufffd"))
        return self._lengths[token]

    def token_at(self, character: int) -> int | None:
        low, high = 0, len(self.ids)
        if self.begin(high) <= character:
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.begin(middle) <= character:
                low = middle
            else:
                high = middle
        # A character that takes several tokens is there with the last of them.
        while low and self.begin(low - 1) == self.begin(low):
            low -= 1
        return low
