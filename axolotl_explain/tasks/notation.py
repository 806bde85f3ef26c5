"""Notation: steps in whatever signs they are written, as a line of marks.

    - **15 + 27 = 42 → 2**            # + # = # = #
    Add 27 to 15: 15 + 27 = 42,       add # to # = # + # = #
    which is 2 modulo 10.

`#` stands for a number, `@` for a letter, `=` for every sign and word that leads to a
result. Bullets, bold type, brackets, commas and full stops say nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

TYPE = re.compile(r"\*\*|__|[`$]")
"""Bold type, code and formulas."""
BULLET = re.compile(r"(?m)^[ \t]*[-*•‣◦▪·–—][ \t]+")
NUMBERED = re.compile(r"[ \t]*(?:step[ \t]+)?\(?([0-9]{1,4})[.):][ \t]+(?=\S)", re.I)

TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|[-=]+>|\.(?=\s|$)|\S")
LONGEST = 18
"""Digits of a number; what is longer is none of a problem's."""

ARROWS = dict.fromkeys("→⇒⟶⟹➔➜➝↦➡⇨", "=")
EQUALS = dict.fromkeys(("=", "->", "=>", "-->", "==>", "≡", "＝", ":", "："), "=")
LEADING = dict.fromkeys(("is", "are", "gives", "equals", "makes", "to"), "=")
SILENT = dict.fromkeys((*".,;()[]{}（），。*", "and", "which", "then", "so", "the"), "")
SIGNS: Mapping[str, str] = {
    **ARROWS,
    **EQUALS,
    **LEADING,
    **SILENT,
    **dict.fromkeys("+＋", "+"),
    **dict.fromkeys(("modulo", "mod", "%"), "modulo"),
}
"""Sign or word, in small letters -> its mark; nothing where it says nothing."""
UNKNOWN = "?"
"""The mark of a word that no step has."""


def readings(text: str) -> Iterator[str]:
    """The text without bullets and bold type; and without the numbers of its lines.

    Line numbers are taken for such only where every line has one, from 1 on.

    >>> list(readings("1. 2\\n2. **3**"))
    ['1. 2\\n2. 3', '2\\n3']
    """
    plain = BULLET.sub("", TYPE.sub("", text))
    yield plain
    lines = [line for line in plain.splitlines() if line.strip()]
    found = [NUMBERED.match(line) for line in lines]
    if lines and all(
        match and int(match[1]) == number for number, match in enumerate(found, start=1)
    ):
        yield "\n".join(
            line[match.end() :]
            for line, match in zip(lines, found, strict=True)
            if match
        )


@dataclass(frozen=True, slots=True)
class Marks:
    """A line of marks, with the numbers that stand behind each `#`."""

    line: str
    numbers: Sequence[int]
    places: Sequence[int]
    """Of each `#` in the line."""

    @classmethod
    def of(
        cls, tokens: Sequence[str], words: Mapping[str, str], letters: bool = False
    ) -> Marks:
        """The marks of tokens.

        Args:
            words: marks beside those of `SIGNS`; these go before.
            letters: whether a single small letter is an `@`.
        """
        marks: list[str] = []
        numbers: list[int] = []
        for token in tokens:
            mark = _mark(token, words, letters)
            if mark == "#":
                numbers.append(int(token))
            if mark and not (mark == "=" and marks[-1:] == ["="]):
                marks.append(mark)
        line = " ".join(marks)
        places = [at for at, mark in enumerate(line) if mark == "#"]
        return cls(line, numbers, places)

    def values(self, match: re.Match[str], group: str) -> list[int]:
        """The numbers in a group of a match; none where it took no part."""
        start, end = match.span(group)
        first, last = bisect_left(self.places, start), bisect_left(self.places, end)
        return list(self.numbers[first:last])

    def value(self, match: re.Match[str], group: str) -> int | None:
        """The one number of a group; None where it took no part."""
        found = self.values(match, group) if match[group] is not None else []
        return found[0] if found else None


def tokens_of(text: str) -> list[str]:
    """Numbers, words and signs, without white space."""
    return TOKEN.findall(text)


def _mark(token: str, words: Mapping[str, str], letters: bool) -> str:
    if token.isascii() and token.isdigit():
        return "#" if len(token) <= LONGEST else UNKNOWN
    if letters and len(token) == 1 and "a" <= token <= "z":
        return "@"
    word = token.lower()
    return words.get(word, SIGNS.get(word, UNKNOWN))
