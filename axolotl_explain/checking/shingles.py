"""Texts -> hashes of their words in threes, without a Python loop over words.

A text is lower-cased; a word is a run of letters and digits, or one character of a
script that writes without spaces. All arithmetic is modulo 2^64.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

Hashes = np.ndarray[Any, np.dtype[np.uint64]]
Rows = np.ndarray[Any, np.dtype[np.int64]]

WIDTH = 3
SEED = 20_240_207
_DRAW = np.random.default_rng(SEED)
BYTES: Hashes = _DRAW.integers(1, 2**63, 256, np.uint64)
FACTORS: Hashes = _DRAW.integers(1, 2**63, WIDTH, np.uint64) | np.uint64(1)
BASE = np.uint64(0x9E3779B97F4A7C15)
BASE_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
IS_WORD = np.array(
    [chr(byte).isalnum() if byte < 128 else True for byte in range(256)], bool
)
UNSPACED = (0xE3, 0xE9)
"""First bytes of kana and of most Chinese characters in UTF-8."""


class Shingles(NamedTuple):
    """Hashes of all texts, in order, and the text that each comes from."""

    hashes: Hashes
    rows: Rows


def mix(values: Hashes) -> Hashes:
    """Spread the bits (the finaliser of splitmix64, Steele et al., OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def shingles(texts: Sequence[str]) -> Shingles:
    """The hash of every three consecutive words within each text."""
    words, rows = _words(texts)
    if len(words) < WIDTH:
        return Shingles(words[:0], rows[:0])
    count = len(words) - WIDTH + 1
    total = np.zeros(count, np.uint64)
    for place, factor in enumerate(FACTORS):
        total += words[place : place + count] * factor
    whole = rows[:count] == rows[WIDTH - 1 :]
    return Shingles(mix(total[whole]), rows[:count][whole])


def _words(texts: Sequence[str]) -> tuple[Hashes, Rows]:
    """The hash of every word, and the text it comes from.

    A word's hash is a polynomial in its bytes: all bytes are multiplied by powers of
    one base over the whole batch, summed by word, and shifted back to the word's start.
    """
    raw = [text.lower().encode("utf-8", "replace") for text in texts]
    data = np.frombuffer(b"\n".join(raw) + b"\n", np.uint8)
    inside = IS_WORD[data]
    opens = np.diff(inside, prepend=False) & inside
    opens |= (data >= UNSPACED[0]) & (data <= UNSPACED[1])
    starts = np.flatnonzero(opens)
    if not len(starts):
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    terms = np.where(inside, BYTES[data], np.uint64(0)) * _powers(BASE, len(data))
    sums = np.add.reduceat(terms, starts)
    hashes = mix(sums * _powers(BASE_INVERSE, len(data))[starts])
    ends = np.cumsum([len(one) + 1 for one in raw])
    return hashes, np.searchsorted(ends, starts, side="right")


def _powers(base: np.uint64, count: int) -> Hashes:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)
