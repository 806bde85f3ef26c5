"""The three kinds of gold: a number, one of several choices, any other text.

A kind finds answers in a plain text, and says which of them are gold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from axolotl_explain.grading.choices import Choices
from axolotl_explain.grading.equations import solved
from axolotl_explain.grading.number_words import in_digits
from axolotl_explain.grading.numbers_in_text import Quantity, numerals
from axolotl_explain.grading.plain_text import plain
from axolotl_explain.grading.statement import (
    BLUR,
    CLOSE,
    OPEN,
    Tokens,
    stated_in,
    tokens_of,
)

MARKS = " \t\r\n*\"'`“”‘’.,;:!$"
"""What may stand around an answer."""
_AROUND = MARKS + "_"
_SPACES = re.compile(r" ?([-,;:()\[\]{}=+*/^<>|±°%]) ?")
_NOON = re.compile(r"\b([ap])\.? ?m\b\.?")
_WORD = re.compile(r"\w")
_DIGIT = re.compile(r"\d|[¼-¾⅐-⅞]")
_NEGATIVE = re.compile(
    r"(?:^|(?<=is )|(?<=be )|(?<== ))(?:minus|negative) (?=[$.0-9])", re.I
)
_MIXED = re.compile(r"(?<=[0-9]) and (?:an? )?(half|quarter|(?=[0-9]+/[1-9]))")
_PARTS = {"half": " 1/2", "quarter": " 1/4", "": " "}
_PARENTHESES = re.compile(r"[(<]([\w.,$% -]*)[)>]")
_ARROW = re.compile(r"[→⇒=] ?")
_LEAD = re.compile(r"(?:it is|it's|this is|that is|the answer is) ")
_TIMES = re.compile(r"(?<=[0-9]) ?x ?(?=[0-9])")


class AnswerKind(Protocol):
    """What tells the answers of one kind."""

    @property
    def may_be_mentioned(self) -> bool:
        """Whether an answer counts that stands somewhere in the text."""

    def worth_reading(self, text: str) -> bool:
        """Whether a sentence may name an answer at all."""

    def tokens(self, text: str) -> Tokens:
        """A plain text with tokens in place of answers."""

    def whole(self, text: str) -> object | None:
        """The answer that a text is as a whole, where it is one."""

    def is_gold(self, answer: object) -> bool:
        """Whether an answer that a text names is the right one."""


@lru_cache(maxsize=1_024)
def kind_of(answer: str, choices: Choices | None) -> AnswerKind | None:
    """What kind of answer gold is; None where it is neither number nor choice."""
    if choices is not None and (at := choices.whole(plain(answer))) is not None:
        return ChoiceKind(choices, at)
    text = plain(answer)
    if choices is None and re.fullmatch(r"\(?[A-H]\)?\.?", text):
        return ChoiceKind(LETTERS, LETTERS.whole(text) or 0)
    tokens = number_tokens(text.strip("*").rstrip(". "))
    alone = re.fullmatch(f"{OPEN}0{CLOSE}", tokens.text)
    gold = tokens.answers[0] if alone else None
    return NumberKind(gold) if isinstance(gold, Quantity) else None


LETTERS = Choices(tuple("ABCDEFGH"), ("",) * 8)
"""Choices whose texts nobody knows, where gold is a letter and a row has no choices."""


@dataclass(frozen=True, slots=True)
class NumberKind:
    """Gold is a number, with or without a unit."""

    gold: Quantity
    may_be_mentioned = True

    def worth_reading(self, text: str) -> bool:
        return _DIGIT.search(text) is not None

    def tokens(self, text: str) -> Tokens:
        return number_tokens(text)

    def whole(self, text: str) -> object | None:
        words = in_digits(bare(text))
        found = stated_in(number_tokens(words)) if words else None
        return found if isinstance(found, Quantity) else None

    def is_gold(self, answer: object) -> bool:
        return isinstance(answer, Quantity) and self.gold.same(answer)


@dataclass(frozen=True, slots=True)
class ChoiceKind:
    """Gold is one of several choices."""

    choices: Choices
    gold: int

    @property
    def may_be_mentioned(self) -> bool:
        return self.choices is not LETTERS

    def worth_reading(self, text: str) -> bool:
        return _WORD.search(text) is not None

    def tokens(self, text: str) -> Tokens:
        return tokens_of(text, self.choices.named(text))

    def whole(self, text: str) -> object | None:
        return self.choices.whole(text)

    def is_gold(self, answer: object) -> bool:
        return answer == self.gold


def number_tokens(text: str) -> Tokens:
    """A plain text with tokens in place of numbers, equations solved.

    >>> number_tokens("3 + 4 = 7").answers[0].value
    Fraction(7, 1)
    """
    text = _NEGATIVE.sub("-", _MIXED.sub(lambda one: _PARTS[one[1]], text))
    said = solved(text)
    if said is None:
        return Tokens(BLUR, [])
    text, name = said
    found = [
        (one.start, one.end, one.quantity and one.quantity._replace(name=name))
        for one in numerals(text)
    ]
    return tokens_of(text, found, numbers=True)


def bare(text: str) -> str:
    """A plain text without what may stand around an answer."""
    text = (
        _ARROW.sub("", _stripped(text), count=1)
        if text[:1] in "=→⇒"
        else _stripped(text)
    )
    inner = _PARENTHESES.fullmatch(text)
    return _stripped(inner[1]) if inner and "," not in text else text


def _stripped(text: str) -> str:
    # A point and a dollar sign in front may belong to a number.
    behind = MARKS.replace("$", "")
    return text.rstrip(behind).lstrip(behind.replace(".", ""))


def text_form(text: str) -> str:
    """What two texts have in common that are the same answer: no case, no spaces.

    >>> text_form(" “New  York.”"), text_form("(1, 2)"), text_form("3:45 P.M.")
    ('new york', '(1,2)', '3:45pm')
    """
    text = _NOON.sub(r"\1m", plain(text).strip(_AROUND).casefold())
    text = _TIMES.sub("*", _LEAD.sub("", text, count=1) if _LEAD.match(text) else text)
    return re.sub(r"(?<=[0-9]) (?=[ap]m\b)", "", _SPACES.sub(r"\1", text))
