"""Numbers written out in English: seven, twenty-one, three hundred and four."""

from __future__ import annotations

import re

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: value for value, word in enumerate(_SMALL.split(" "))} | {
    word: 10 * value for value, word in enumerate(_TENS.split(" "), start=2)
}
_GROUPS = {"thousand": 1_000, "million": 10**6, "billion": 10**9}
_WORD = re.compile(r"[a-z]+")
_REST = re.compile(
    r"[.!]?|(?: (?!of\b|or\b|to\b)[a-z]+){1,2}[.!]?| and (?:a|an) [a-z]+", re.I
)
"""What may follow: a unit. "One of them" is no number."""
MOST = 16
"""Words that a number may have."""


def in_digits(text: str) -> str | None:
    """A text that begins with a number in words, with digits in their place.

    >>> in_digits("Twenty-one apples"), in_digits("minus two hundred and four")
    ('21 apples', '-204')
    >>> in_digits("seventh") is None
    True
    """
    words = list(_WORD.finditer(text.casefold()[:200]))
    sign = "-" if words and words[0][0] in ("minus", "negative") else ""
    total, group, end, last = 0, 0, 0, 0
    for match in words[bool(sign) :][:MOST]:
        word = match[0]
        if word in _VALUES:
            value = _VALUES[word]
            # A smaller one may follow: twenty-one, but not one two.
            if last and not (value < last and last >= 20):
                break
            group, last = group + value, value
        elif word == "hundred" and 0 < group < 100:
            group, last = group * 100, 100
        elif word in _GROUPS and group:
            total, group, last = total + group * _GROUPS[word], 0, _GROUPS[word]
        elif word != "and" or last < 100:
            break
        else:
            continue
        end = match.end()
    start = words[bool(sign)].start() if len(words) > bool(sign) else 0
    if not end or text[:start].strip(" -") not in ("", *_signs(sign, text)):
        return None
    if not _REST.fullmatch(text[end:]):
        return None
    return f"{sign}{total + group}{text[end:]}"


def _signs(sign: str, text: str) -> tuple[str, ...]:
    return (text.split(maxsplit=1)[0],) if sign else ()
