"""Numbers in text, compared as numbers: 1,000 = 1000 = 1000.0.

The notation is English: a comma between groups of three digits, a point before
decimals. A currency sign, a percent sign and a unit are not read, so 50% equals 50 and
not 0.5. A fraction is its value: 3/4 equals 0.75.
"""

from __future__ import annotations

import re
from fractions import Fraction

NUMBER = re.compile(
    # All parts are optional; without one of these to begin with, there is none.
    r"(?<![\w.,])(?=[-+−$€£¥.0-9]|[eE][-+0-9]|\s?/)(?P<sign>[-+−]?)[$€£¥]?"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?"
    r"(?P<decimals>\.[0-9]+)?"
    r"(?P<exponent>[eE][-+]?[0-9]{1,3}(?![0-9]))?"
    r"(?:\s?/\s?(?P<below>[0-9]+)(?![0-9]|\.[0-9]))?"
)
MOST_DIGITS = 400
"""Longer runs of digits are no number that anybody meant, and slow to compare."""


def last_number(text: str) -> Fraction | None:
    """The last number of a text; None where it has none.

    >>> [str(last_number(text)) for text in ("-3 or $1,200.50.", "3 of 4, or 3/4")]
    ['2401/2', '3/4']
    """
    found = map(_value, reversed([*NUMBER.finditer(text)]))
    return next((number for number in found if number is not None), None)


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
    whole, decimals = match["whole"] or "", match["decimals"] or ""
    if not (whole or decimals):
        return None
    whole, below = whole.replace(",", ""), match["below"] or "1"
    if len(whole) + len(decimals) + len(below) > MOST_DIGITS or not int(below):
        return None
    value = Fraction(f"{whole or 0}{decimals}{match['exponent'] or ''}")
    return (-value if match["sign"] in ("-", "−") else value) / int(below)
