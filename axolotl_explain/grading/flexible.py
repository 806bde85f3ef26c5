"""Flexible match: the last answer that can be made out, compared for what it means.

An answer is looked for in these places, and the first that holds one counts:

1. behind the answer marker;
2. in the last `\\boxed{…}`;
3. behind the last phrase such as "the answer is";
4. where gold is a number, the last number of the completion; where the row has
   `meta.choices`, the last choice that the completion names.

Numbers are compared as numbers, choices by letter or text, other texts without regard
to case, white space, Unicode's normal form, and quotes, asterisks and full stops
around them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from axolotl_explain.grading.choices import Choices
from axolotl_explain.grading.numbers_in_text import as_number, last_number

PHRASE = re.compile(
    r"\b(?:answer|result|solution)(?:\s+(?:is|are|was|equals|should\s+be|would\s+be|"
    r"must\s+be)\b\s*:?|\s*[:=])\s*",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n")
MORE_WORDS = 2
"""How many words more than gold another answer in prose may have."""

MARKS = " \t\r\n*\"'`“”‘’.,;:!$"

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
        >>> Gold.of("B", ["red", "blue"]).matches("The answer is blue.", None)
        True
        """
        stated = self.stated(completion, extracted)
        return self.mentioned(completion) is True if stated is None else stated

    def stated(self, text: str, extracted: str | None) -> bool | None:
        """Whether a text says this answer where it says one; None where it does not.

        >>> Gold("western").stated("Her answer is the skill she has with horses.", None)
        """
        key = self._key()
        for place in _places(text, extracted, "\n" in self.answer):
            found = key(place.text)
            if found is None:
                continue
            same = found == key(self.answer) or self._further(place.text)
            same = same or (key is _text and _begins_with(place.line, self.answer))
            if same or place.outright or key is not _text or not self._talk(place.text):
                return same
        return None

    def mentioned(self, text: str) -> bool | None:
        """Whether the last number or choice of a text is this answer.

        None where there is none, or the answer is no number and no choice.
        """
        key = self._key()
        found = None if key is _text else key(text)
        return None if found is None else found == key(self.answer)

    def _talk(self, text: str) -> bool:
        """Whether a text is too long to be another answer of this kind."""
        return len(text.split()) > len(self.answer.split()) + MORE_WORDS

    def _further(self, place: str) -> bool:
        return self.same is not None and self.same(self.answer, place)

    def _key(self) -> Callable[[str], object]:
        """What makes two answers of this kind the same; None where a text has none."""
        choices = self.choices
        if choices is not None and choices.whole(self.answer) is not None:
            return lambda text: _choice(choices, text)
        return _text if as_number(self.answer) is None else _number


class _Place(NamedTuple):
    """A text that may be the answer, and whether it is marked as one."""

    text: str
    outright: bool = True
    line: str = ""
    """The text to the end of its line, where it may be cut short."""


def _places(completion: str, extracted: str | None, lines: bool) -> Iterator[_Place]:
    """The texts that may be the answer, the most explicit first.

    What follows the line of the answer is talk, unless gold itself has several lines.
    """
    if extracted:
        if not lines:
            line = extracted.partition("\n")[0]
            yield _Place(line, line=line)
        yield _Place(extracted)
    boxed = last_boxed(completion)
    if boxed:
        yield _Place(boxed)
    if phrases := phrases_in(completion):
        rest = completion[phrases[-1].end() :]
        sentence = SENTENCE_END.split(rest, maxsplit=1)[0]
        yield _Place(sentence, outright=False, line=rest.partition("\n")[0])


def phrases_in(text: str) -> list[re.Match[str]]:
    """Where a text says "the answer is" or the like, in order."""
    lowered = text.casefold()
    if not any(word in lowered for word in ("answer", "result", "solution")):
        return []
    return list(PHRASE.finditer(text))


def last_boxed(text: str) -> str | None:
    """What the last `\\boxed{…}` holds, inner braces included; None without one.

    >>> last_boxed("so \\\\boxed{\\\\frac{1}{2}}.")
    '\\\\frac{1}{2}'
    """
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth = 0
    inner = start + len("\\boxed{")
    for place in range(inner - 1, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return text[inner:place].strip()
    return None


def _begins_with(line: str, answer: str) -> bool:
    """Whether a line is an answer and sentences about it.

    >>> _begins_with("Dr. Grieg. He wrote it.", "Dr. Grieg")
    True
    >>> _begins_with("Paris, Texas.", "Paris")
    False
    """
    said, gold = (" ".join(one.strip(MARKS).split()) for one in (line, answer))
    behind = said.casefold()[len(gold) :]
    begins = bool(gold) and said.casefold().startswith(gold.casefold())
    return begins and bool(re.match(r"[\"'”’*)]*[.!?][\"'”’*)]*(?:\s|$)", behind))


def _number(text: str) -> object:
    whole = as_number(text)
    return last_number(text) if whole is None else whole


def _choice(choices: Choices, text: str) -> object:
    whole = choices.whole(text)
    return choices.last_named(text) if whole is None else whole


def _text(text: str) -> object:
    text = unicodedata.normalize("NFC", text)
    return " ".join(text.strip(MARKS).split()).casefold() or None
