"""Flexible match: the answer in any form, where a completion says it without a doubt.

An answer is looked for in these places, and the first that holds one decides:

1. behind the answer marker;
2. in the last `\\boxed{…}`;
3. behind the last phrase such as "the answer is";
4. where gold is a number, the last number of the completion; where the row has
   `meta.choices`, the last choice that the completion names.

Numbers are compared as numbers with their units (numbers_in_text.py), choices by letter
or text (choices.py), other texts as plain_text.py reads them, without regard to case,
white space, and quotes, asterisks and full stops around them. statement.py says when a
place leaves a doubt; then the completion is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from axolotl_explain.grading.answer_kinds import (
    MARKS,
    AnswerKind,
    bare,
    kind_of,
    text_form,
)
from axolotl_explain.grading.boxed import boxed_in
from axolotl_explain.grading.choices import Choices
from axolotl_explain.grading.plain_text import plain
from axolotl_explain.grading.statement import (
    DOUBT,
    doubted,
    mentioned_in,
    stated_in,
    without_reason,
)

PHRASE = re.compile(
    r"\b(?:answer|result|solution)(?:\s+(?:is|are|was|equals|should\s+be|would\s+be|"
    r"must\s+be)\b\s*:?|\s*[:=])\s*",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n")
_BETWEEN = re.compile(r"(?<=[.!?])(?<!approx\.)(?<!\bca\.)(?<!\bvs\.)\s|\n")
_AGREES = re.compile(r", (?!.*\b(?:yes|no|but|maybe|partly|however|if|unless)\b)")
MORE_WORDS = 2
"""How many words more than gold another answer in prose may have."""
MOST = 600
"""Characters of a sentence that are read; a longer one is no answer."""
MOST_SENTENCES = 20
"""In which a stated answer is looked for."""

Same = Callable[[str, str], bool]
"""(gold, found) -> whether they are the same answer."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What a row's answer means.

    Attributes:
        same: a further comparison for answers that do not agree otherwise.
    """

    answer: str
    choices: Choices | None = None
    same: Same | None = None

    @classmethod
    def of(cls, answer: str, choices: Any = None, same: Same | None = None) -> Gold:
        """With the value of `meta.choices`, which may be missing or of any kind."""
        return cls(answer, Choices.of(choices), same)

    def matches(self, completion: str, extracted: str | None) -> bool:
        """Whether a completion gives this answer in any form.

        Args:
            extracted: the answer behind the marker, None where there is none.

        >>> Gold("1000").matches("So that makes 1,000.0 in all.", None)
        True
        >>> Gold.of("B", ["red", "blue"]).matches("The answer is not blue.", None)
        False
        """
        stated = self.stated(completion, extracted)
        return self.mentioned(completion) is True if stated is None else stated

    def stated(self, text: str, extracted: str | None) -> bool | None:
        """Whether a text says this answer where it says one; None where it does not.

        >>> Gold("western").stated("Her answer is the skill she has with horses.", None)
        """
        kind = kind_of(self.answer, self.choices)
        for place in _places(text, extracted, "\n" in self.answer):
            found = kind and _said(kind, place)
            if kind and found not in (None, DOUBT):
                return kind.is_gold(found)
            if self._same_text(place.text) or self._further(place.text):
                return True
            if kind is None and _begins_with(place.line, self.answer):
                return True
            talk = kind is None and not place.outright and self._talk(place.text)
            if found is DOUBT or (kind is None and not talk):
                return False
        return None

    def mentioned(self, text: str) -> bool | None:
        """Whether the last number or choice of a text is this answer.

        None where there is none, or the answer is no number and no choice.
        """
        kind = kind_of(self.answer, self.choices)
        if kind is None or not kind.may_be_mentioned:
            return None
        for sentence in reversed(_BETWEEN.split(text)):
            if kind.worth_reading(sentence):
                if len(sentence) > MOST:
                    return False
                found = mentioned_in(kind.tokens(plain(sentence.rstrip(MARKS))))
                if found is not None:
                    return kind.is_gold(found)
        return None

    def _talk(self, text: str) -> bool:
        """Whether a text is too long to be another answer of this kind."""
        return len(text.split()) > len(self.answer.split()) + MORE_WORDS

    def _same_text(self, place: str) -> bool:
        if len(place) > MOST + 2 * len(self.answer):
            return False
        said = {text_form(place), text_form(without_reason(place))}
        gold = text_form(self.answer)
        return bool(gold) and gold in said

    def _further(self, place: str) -> bool:
        if self.same is None or len(place) > MOST:
            return False
        return self.same(self.answer, place)


class _Place(NamedTuple):
    """A text that may be the answer, and whether it is marked as one."""

    text: str
    outright: bool = True
    line: str = ""
    """The text to the end of its line, where it may be cut short."""
    boxed: bool = False
    """Whether it is LaTeX, in which 9! is no exclamation."""


def _places(completion: str, extracted: str | None, lines: bool) -> Iterator[_Place]:
    """The texts that may be the answer, the most explicit first.

    What follows the line of the answer is talk, unless gold itself has several lines.
    """
    if extracted:
        if not lines:
            line = extracted.partition("\n")[0]
            yield _Place(line, line=line)
        yield _Place(extracted)
    boxed = boxed_in(completion)
    if boxed:
        yield _Place(boxed, boxed=True)
    if phrases := phrases_in(completion):
        rest = completion[phrases[-1].end() :]
        sentence = _BETWEEN.split(rest, maxsplit=1)[0]
        yield _Place(sentence, outright=False, line=rest.partition("\n")[0])


def _said(kind: AnswerKind, place: _Place) -> object | None:
    """The answer of the first sentence that names one; `DOUBT` where it leaves one."""
    text, boxed = place.line or place.text, place.boxed
    if (inner := boxed_in(text)) is not None:
        text, boxed = inner, True
    for sentence in _BETWEEN.split(text, maxsplit=MOST_SENTENCES)[:MOST_SENTENCES]:
        if len(sentence) > MOST:
            return DOUBT
        said = plain(sentence)
        if (found := kind.whole(said)) is None:
            found = stated_in(kind.tokens(said if boxed else bare(said)))
        if found is not None:
            return found
        if doubted(said):
            return DOUBT
    return None


def phrases_in(text: str) -> list[re.Match[str]]:
    """Where a text says "the answer is" or the like, in order."""
    lowered = text.casefold()
    if not any(word in lowered for word in ("answer", "result", "solution")):
        return []
    return list(PHRASE.finditer(text))


def _begins_with(line: str, answer: str) -> bool:
    """Whether a line is an answer and sentences about it.

    Yes and no may also be followed by a comma, where nothing takes them back.

    >>> _begins_with("Dr. Grieg. He wrote it.", "Dr. Grieg")
    True
    >>> _begins_with("Paris, Texas.", "Paris")
    False
    """
    said, gold = (" ".join(one.strip(MARKS).split()) for one in (line, answer))
    behind = said.casefold()[len(gold) :]
    begins = bool(gold) and said.casefold().startswith(gold.casefold())
    if begins and gold.casefold() in ("yes", "no") and _AGREES.match(behind):
        return True
    return begins and bool(re.match(r"[\"'”’*)]*[.!?][\"'”’*)]*(?:\s|$)", behind))
