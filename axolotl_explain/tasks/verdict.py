"""Verdict: whether an explanation is right, and where it first goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from axolotl_explain.core.errors import quoted
from axolotl_explain.tasks.sentence import Sentence

TOKEN = re.compile(r"\d+|[^\W\d]+|[^\w\s]")
"""A number, a word or a mark. Every character but white space is in some token."""

QUOTED = 20
"""So many tokens beyond a sentence are looked at for the quotation in a reason."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of re-executing an explanation."""

    valid: bool
    step: int | None = None
    """The first step that is wrong, counted from 1; None where all are right."""
    operator: str | None = None
    """That step's operator; None where the text goes on after the last step."""
    reason: str = ""
    other_wording: bool = False
    """Whether it is right, but in other words, signs or order than the task's own."""

    @property
    def strict(self) -> bool:
        """Whether it is right word for word, white space aside."""
        return self.valid and not self.other_wording


def compare(text: str, sentences: Iterable[Sentence]) -> Verdict:
    """Hold a text against the sentences that re-execution gives.

    White space does not count, line breaks included: some tokenizers (T5's among them)
    turn a line break into a blank, and their models must not fail for that. Any text
    gets a verdict; none raises. Time is linear in the text. Sentences behind the first
    wrong step are not asked for.
    """
    tokens = TOKEN.findall(text)
    place = number = 0
    for number, sentence in enumerate(sentences, start=1):
        where = f"step {number} ({sentence.operator})"
        if place == len(tokens):
            reason = f"{where} is missing: {sentence.text!r}"
            return Verdict(False, number, sentence.operator, reason)
        wanted = TOKEN.findall(sentence.text)
        after = place + len(wanted)
        if tokens[place:after] != wanted:
            stretch = [*islice(TOKEN.finditer(text), place, after + QUOTED)]
            flaw = f"{where}: {_flaw(text, stretch, sentence)}"
            return Verdict(False, number, sentence.operator, flaw)
        place = after
    if place < len(tokens):
        following = next(islice(TOKEN.finditer(text), place, None))
        rest_of_text = quoted(text[following.start() :], limit=60)
        reason = f"after the last of {number} steps the text goes on: {rest_of_text}"
        return Verdict(False, number + 1, None, reason)
    return Verdict(True)


def _flaw(text: str, found: Sequence[re.Match[str]], sentence: Sentence) -> str:
    """What is wrong with one sentence, whose tokens these are not.

    Raises:
        ValueError: if they are, so that nothing is wrong.
    """
    place = 0
    before: tuple[int, int] | None = None
    for index, piece in enumerate(sentence.pieces):
        wanted = TOKEN.findall(piece.text)
        got = [token.group() for token in found[place : place + len(wanted)]]
        if got != wanted:
            goes_on = got[:1] not in ([], wanted[:1])
            # Where a claim goes on for too long, it is the claim that is wrong.
            blamed, start = before if before and goes_on else (index, place)
            return _told(text, found[start:], sentence, blamed)
        before = (index, place) if piece.claim else None
        place += len(wanted)
    raise ValueError(f"nothing is wrong with {sentence.text!r}")


def _told(
    text: str, found: Sequence[re.Match[str]], sentence: Sentence, index: int
) -> str:
    piece = sentence.pieces[index]
    claim = piece.claim or f"{piece.text.strip()!r} should stand here"
    return f"{claim}; {_excerpt(text, found, _next_token(sentence, index))}"


def _next_token(sentence: Sentence, index: int) -> str | None:
    """The token that ends a piece, for the quotation: the first that is not in it."""
    inside = TOKEN.findall(sentence.pieces[index].text)
    rest = "".join(piece.text for piece in sentence.pieces[index + 1 :])
    return next((token for token in TOKEN.findall(rest) if token not in inside), None)


def _excerpt(text: str, found: Sequence[re.Match[str]], until: str | None) -> str:
    """What the text has, from the first of these tokens on, within its line."""
    if not found:
        return "the text ends before that"
    start = found[0].start()
    line_end = text.find("\n", start)
    end = len(text) if line_end < 0 else line_end
    for token in found[1:]:
        if token.start() >= end or token.group() == until:
            end = min(end, token.start())
            break
    stretch = text[start:end].strip(" \t\r,;")
    return f"the text has {stretch if len(stretch) <= 60 else quoted(stretch, 60)}"
