"""Numbers in text, compared as numbers: 1,000 = 1000 = 1000.0.

The notation is English: a comma between groups of three digits, a point before
decimals. A currency sign, a percent sign and a unit are not read, so 50% equals 50 and
not 0.5. A fraction is its value: 3/4 equals 0.75.
"""

from __future__ import annotations

import re
from fractions import Fraction

NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[-+−]?)[$€£¥]?"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?"
    r"(?P<decimals>\.[0-9]+)?"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9]))?"
    r"(?:\s?/\s?(?P<below>[0-9]+)(?![0-9]|\.[0-9]))?"
)
MOST_DIGITS = 400
"""Longer runs of digits are no number that anybody meant, and slow to compare."""


def numbers_in(text: str) -> list[Fraction]:
    """Every number of a text, in order.

    >>> [str(number) for number in numbers_in("From $1,200.50 take -3 or 1/2.")]
    ['2401/2', '-3', '1/2']
    """
    found = (_value(match) for match in NUMBER.finditer(text))
    return [number for number in found if number is not None]


def as_number(text: str) -> Fraction | None:
    """The number that a text is as a whole, with at most a unit around it of signs.

    >>> as_number("1,000.0") == as_number(" 1000 ") == 1000
    True
    >>> as_number("7 apples") is None
    True
    """
    bare = text.strip().strip("*").rstrip(".%°").strip()
    match = NUMBER.match(bare)
    if match is None or match.end() != len(bare):
        return None
    return _value(match)


def _value(match: re.Match[str]) -> Fraction | None:
    whole = (match["whole"] or "").replace(",", "")
    decimals = match["decimals"] or ""
    below = match["below"] or "1"
    digits = len(whole) + len(decimals) + len(below)
    if not (whole or decimals) or digits > MOST_DIGITS or not int(below):
        return None
    value = Fraction(f"{whole or 0}{decimals}{match['exponent'] or ''}")
    return (-value if match["sign"] in ("-", "−") else value) / int(below)
