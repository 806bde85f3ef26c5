"""Kinds: tokens at the borders of segments, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import pytest

from axolotl_explain.core.target import Kind, Segment
from axolotl_explain.tokens.kinds import (
    DecodedOffsets,
    FastOffsets,
    Offsets,
    kinds_of,
)

E, M, A = Kind.EXPLANATION, Kind.MARKER, Kind.ANSWER


class Spelt(Offsets):
    """Tokens that are written out; those in brackets are characters without one."""

    def __init__(self, tokens: Sequence[str]) -> None:
        starts = [0, *accumulate(len(one.strip("()")) for one in tokens)]
        self.spans = [
            range(begin, end)
            for one, (begin, end) in zip(tokens, pairwise(starts), strict=True)
            if not one.startswith("(")
        ]

    def token_at(self, character: int) -> int | None:
        held = [at for at, span in enumerate(self.spans) if character in span]
        return held[0] if held else None

    def begin(self, token: int) -> int:
        return self.spans[token].start


@pytest.mark.parametrize(
    ("texts", "tokens", "kinds"),
    [
        (["a b", "\n#", "c"], ["a", " b", "\n", "#", "c"], [E, E, M, M, A]),
        (["So. ", "#: ", "west"], ["So", ". ", "#", ":", " west"], [E, E, M, M, A]),
        (["ab", "#", "cd"], ["a", "b#", "c", "d"], [E, E, A, A]),
        (["ab", "#", "cd"], ["ab", "#c", "d"], [E, M, A]),
        (["a ", " #", "c"], ["a", "  ", "#", "c"], [E, E, M, A]),
        (["a ", " #", "c"], ["a", "  #", "c"], [E, M, A]),
        (["a", "\n#", "c"], ["a\n#c"], [E]),
        (["a", " ", "c"], ["a", " c"], [E, A]),
        (["ab", "#", "c"], ["ab", "(#)", "c"], [E, A]),
        (["ab", "#", "c"], ["ab", "#", "(c)"], [E, M]),
        (["a", "#", " "], ["a", "#", " "], [E, M, A]),
    ],
)
def test_a_token_is_of_the_segment_of_its_first_character_that_is_no_white_space(
    texts: list[str], tokens: list[str], kinds: list[Kind]
) -> None:
    segments = [
        Segment(text, kind) for text, kind in zip(texts, (E, M, A), strict=True)
    ]
    num_tokens = sum(not one.startswith("(") for one in tokens)
    assert kinds_of(segments, num_tokens, Spelt(tokens)).tolist() == kinds


@pytest.mark.parametrize("lead", ["", "\n"])
def test_fast_offsets_count_from_the_text_behind_its_lead(
    bpe_tokenizer: Any, lead: str
) -> None:
    text = "The sheriff rides, 8 + 9."
    encode = bpe_tokenizer.backend_tokenizer.encode
    encoding, skip = encode(lead + text), len(encode(lead).ids)
    lengths = [len(token) for token in encoding.tokens[skip:]]
    starts = [*accumulate([0, *lengths])]
    assert starts[-1] == len(text)
    offsets = FastOffsets(encoding, len(lead), skip)
    for token, (begin, end) in enumerate(pairwise(starts)):
        assert offsets.begin(token) == begin
        assert {offsets.token_at(place) for place in range(begin, end)} == {token}
    assert offsets.token_at(len(text)) is None


class Letters:
    """A tokenizer of letters: id = code point; 0 is a special token."""

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        kept = [one for one in ids if one or not skip_special_tokens]
        return "".join(map(chr, kept))


def test_decoded_beginnings_tell_where_each_letter_is() -> None:
    text = "Sö, 好 é"
    offsets = DecodedOffsets(Letters(), [ord(letter) for letter in text])
    places = range(len(text))
    assert [offsets.token_at(place) for place in places] == [*places]
    assert [offsets.begin(token) for token in places] == [*places]
    assert offsets.token_at(len(text)) is None


def test_a_special_token_takes_no_place_in_the_text() -> None:
    offsets = DecodedOffsets(Letters(), [ord("a"), 0, ord("b"), ord("c")])
    assert [offsets.begin(token) for token in (1, 3)] == [1, 2]
    assert (offsets.token_at(0), offsets.token_at(2)) == (0, 3)


class Bytes:
    """A tokenizer of bytes, whose letters come as several tokens."""

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return bytes(ids).decode("utf-8", "replace")


def test_part_of_a_letter_is_none_of_the_text_yet() -> None:
    offsets = DecodedOffsets(Bytes(), "a好b".encode())
    assert [offsets.begin(token) for token in range(6)] == [0, 1, 1, 1, 2, 3]
