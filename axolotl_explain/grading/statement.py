"""What a short text says, where it says one thing without a doubt.

Answers that a text names are put in tokens first, whatever they are: numbers, choices.
What is left of its words decides by a few rules:

1. Asides do not count: what stands in round brackets or follows "because", and what an
   answer is set against ("B, not A", "9 rather than 8", "not 8 but 9").
2. A word of doubt takes the statement back: negations, "or", "about", "between", "≈",
   "<", "?".
3. What stands right before or behind an answer may make another one of it: "half of 9",
   "9 squared".
4. What remains must name a single answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

OPEN, CLOSE, BLUR = "\ue000", "\ue001", "\ue002"
TOKEN = f"{OPEN}([0-9]+){CLOSE}"
_TOKEN = re.compile(TOKEN)

_ASIDE = re.compile(r"(?<=[^(]) \([^()]*\)")
_REASON = re.compile(
    r"(?:,? (?:because|since)|[,;] (?:as|for|which|where|with|given|when)|"
    r" - (?=[a-z]{2}))\b.*$",
    re.I,
)
_AGAINST = re.compile(
    r"(?:[,;] (?:and )?| and | )(?:not|rather than|instead of)\b.*$", re.I
)
_AGAINST_COMMA = re.compile(r", (?:and )?(?:not|rather than|instead of)\b.*$", re.I)
_NOT_BUT = re.compile(r"\bnot\b[^.;]*?\bbut\b( rather)?", re.I)
_DOUBT_WORDS = (
    "not never neither nor cannot none or either between maybe perhaps possibly "
    "probably might could approx approximately roughly circa ca unsure if unless wrong "
    "incorrect impossible"
)
_DOUBT = re.compile(
    rf"\b(?:{_DOUBT_WORDS.replace(' ', '|')}|at (?:least|most)|rul(?:ed?|es|ing) out|"
    r"(?:eliminat|exclud)(?:e|es|ed|ing))\b|n['’]t\b|[?≈~±≠<>≤≥|√∈\\\u202d\u202e]",
    re.I,
)
_CHANGING = (
    "about around almost nearly over under above below than but except excluding "
    "without half twice double triple thrice quarter third square cube root minus "
    "negative plus times log ln sin cos tan sqrt"
)
_BEFORE = re.compile(
    rf"(?:\b(?:{_CHANGING.replace(' ', '|')}|close to|(?:multiplied|divided) by)"
    r"(?: (?:of|the|an?))*)[ (]*$",
    re.I,
)
_OPERATOR_BEFORE = re.compile(r"[-+*/^][ (]*$")
_OPERATOR_BEHIND = re.compile(r" ?[-+*/^!]")
_BEHIND = re.compile(
    r" ?(?:(?:squared|cubed|factorial|times|plus|minus|divided|multiplied|"
    r"(?:more|less|fewer|greater|other) than|ish)\b|[ap]\.? ?m\b|[b-hj-z]\b)"
)
_LIST = re.compile(r"[\s,;/&]*(?:and|or|to)?[\s,;]*", re.I)
_CLAUSE = re.compile(r"[,;:] |\b(?:but|then)\b", re.I)


class Tokens(NamedTuple):
    """A text with tokens in place of the answers that it names.

    Attributes:
        answers: what the tokens stand for, by their numbers.
        numbers: whether they are numbers, so that operators change them.
    """

    text: str
    answers: Sequence[object]
    numbers: bool = False


class Doubt:
    """That something is said, but not a single answer."""


DOUBT = Doubt()


def tokens_of(
    text: str, found: Sequence[tuple[int, int, object]], numbers: bool = False
) -> Tokens:
    """Put tokens in place of answers, (start, end, answer); None is one in doubt."""
    parts, last = [], 0
    for number, (start, end, answer) in enumerate(found):
        token = BLUR if answer is None else f"{OPEN}{number}{CLOSE}"
        parts += [text[last:start], token]
        last = end
    said = "".join((*parts, text[last:]))
    return Tokens(said, [answer for _, _, answer in found], numbers)


def stated_in(tokens: Tokens) -> object | None:
    """The answer of a statement; `DOUBT` where it leaves one; None without any."""
    if OPEN not in tokens.text and BLUR not in tokens.text:
        return None
    text = _without_asides(tokens.text)
    named = [tokens.answers[int(one)] for one in _TOKEN.findall(text)]
    if not named or BLUR in text or any(one != named[0] for one in named):
        return DOUBT
    around = _TOKEN.finditer(text)
    changed = any(_changed(text, one, tokens.numbers) for one in around)
    return DOUBT if changed or doubted(text) else named[0]


def mentioned_in(tokens: Tokens) -> object | None:
    """The last answer of a sentence, as `stated_in`."""
    if OPEN not in tokens.text and BLUR not in tokens.text:
        return None
    text = _without_asides(tokens.text)
    found = list(_TOKEN.finditer(text))
    if not found or text.rfind(BLUR) > found[-1].start():
        return DOUBT
    answer = tokens.answers[int(found[-1][1])]
    if len(found) > 1 and tokens.answers[int(found[-2][1])] != answer:
        between = text[found[-2].end() : found[-1].start()]
        if _LIST.fullmatch(between):
            return DOUBT
    breaks = [one.end() for one in _CLAUSE.finditer(text, 0, found[-1].start())]
    clause = text[breaks[-1] if breaks else 0 :]
    changed = _changed(text, found[-1], tokens.numbers)
    return DOUBT if changed or doubted(clause) else answer


def _without_asides(text: str) -> str:
    """A text without what does not count beside its answer."""
    text = _NOT_BUT.sub("", text)
    for pattern in (_ASIDE, _REASON, _AGAINST):
        for match in reversed([*pattern.finditer(text)]):
            if OPEN in text[: match.start()]:
                text = text[: match.start()] + text[match.end() :]
    return text


def without_reason(text: str) -> str:
    """A text without what follows "because" and the like.

    >>> without_reason("Yes, because it rains.")
    'Yes'
    """
    return _AGAINST_COMMA.sub("", _REASON.sub("", " ".join(text.split())))


def doubted(text: str) -> bool:
    """Whether a text has a word of doubt."""
    return _DOUBT.search(text) is not None


def _changed(text: str, answer: re.Match[str], number: bool) -> bool:
    """Whether words or operators beside an answer make another one of it."""
    before = max(0, answer.start() - 40)
    words = _BEFORE.search(text, before, answer.start())
    operator = number and (
        _OPERATOR_BEFORE.search(text, before, answer.start())
        or _OPERATOR_BEHIND.match(text, answer.end())
    )
    return bool(words or operator or _BEHIND.match(text, answer.end()))
