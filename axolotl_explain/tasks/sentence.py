"""Sentence: one step of an explanation, in pieces that know what they claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence; it never ends inside a word or a number."""

    text: str
    claim: str = ""
    """What the piece states, told to whoever wrote something else there; empty where
    the piece is mere wording."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One step in words. Text and verdict both come from here, so they agree."""

    operator: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def write(sentences: Iterable[Sentence]) -> str:
    """An explanation: one line per step."""
    return "\n".join(sentence.text for sentence in sentences)


def listed(numbers: Sequence[int]) -> str:
    """Numbers as they stand in sentences.

    >>> listed([4, 9, 2])
    '4, 9, 2'
    """
    return ", ".join(str(number) for number in numbers)
