"""Numbers in text, compared as numbers: 1,000 = 1000 = 1000.0 = 10^3.

The notation is English, with a comma between groups of three digits and a point before
decimals; others are read where they can mean nothing else (1 000, 1.234,56 and 3,5, but
1.000 is one). A fraction is its value: 3/4 equals 0.75, and 1 1/2 is 1.5. Digits that
belong to something else are no number: 9th, B12, 10-year-old, 2x, 3:45, 8-9, 9^2.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from axolotl_explain.grading.plain_text import plain
from axolotl_explain.grading.units import MONEY, UNITS, scale_behind, unit_behind

NUMERAL = re.compile(
    rf"(?P<sign>(?<![\w)\]%°.,/^*+:-])[-+] ?)?(?P<money>[{MONEY}] ?)?"
    r"(?:(?P<units>[0-9]+) (?=[0-9]+/[1-9]))?"
    r"(?P<run>[0-9]+(?:[.,'_ ][0-9]+)*|(?<![0-9])\.[0-9]+)\.?"
    r"(?:(?<=10)\^(?P<tens>-?[0-9]{1,3})(?![0-9])|"
    r"(?:[eE]| ?[*x] ?10 ?\^ ?)(?P<power>[-+]?[0-9]{1,3})(?![0-9]))?"
    r"(?: ?/ ?(?P<below>[1-9][0-9]*)(?![0-9]))?"
)
GROUPED = re.compile(
    r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+|(?:_[0-9]{3})+)"
    r"(?:\.[0-9]+)?|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
)
DECIMAL = re.compile(r"[0-9]*(?:\.[0-9]+)?")
COMMA = re.compile(
    r"[1-9][0-9]{0,2}(?:[. '][0-9]{3})+,[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}|"
    r"[0-9]+,[0-9]{1,2}|0,[0-9]+"
)
GLUED = re.compile(r"-?[^\W\d_]")
"""What makes a word of the digits before it."""
UNCLEAR = re.compile(r"[:/^_(\\√!][\w\\(-]|[-.,*/][0-9]|\+(?! ?[0-9])|[/^]")
"""What makes something else of the number before it: a time, a power, a range."""
LABELS = re.compile(
    rf"\b(?:{'|'.join(calendar.month_name[1:])}|step|version|room|chapter|page|part|"
    r"question|problem|example|item|figure|table|section|line|case|no\.|option) $",
    re.IGNORECASE,
)
"""What makes a name of the digits behind it: step 5, March 5."""
AMBIGUOUS = ("m", "s", "t")
"""Units that count only apart from their number: 5m may be millions."""
CODES = re.compile(r"\b(usd|eur|gbp|jpy|inr) ?$", re.IGNORECASE)
MOST_DIGITS = 400
"""Longer runs of digits are no number that anybody meant, and slow to compare."""


class Quantity(NamedTuple):
    """A number with its unit, and what it is said to be.

    Attributes:
        unit: one of those of units.py; empty where there is none.
        name: the variable of which it is the value.
    """

    value: Fraction
    unit: str = ""
    name: str = ""

    def same(self, said: Quantity) -> bool:
        """Whether another gives this one; a unit or a name may be left out."""
        units = not self.unit or not said.unit or self.unit == said.unit
        names = not self.name or not said.name or self.name == said.name
        return self.value == said.value and units and names


class Numeral(NamedTuple):
    """Digits in a text, the unit included; without a quantity where it is unclear."""

    start: int
    end: int
    quantity: Quantity | None


def numerals(text: str) -> Iterator[Numeral]:
    """The numbers of a text that is plain, in order; not those inside of words."""
    last = 0
    for match in NUMERAL.finditer(text):
        if match.start() < last:
            continue
        scale, after = scale_behind(text, match.end())
        unit, end = unit_behind(text, after)
        code = CODES.search(text, max(0, match.start() - 4), match.start())
        glued = unit in AMBIGUOUS and text[after : after + 1] != " "
        if unit and (glued or text[end : end + 1].isalnum()):
            unit, end = "", after
        if (end == match.end() and GLUED.match(text, end)) or _inside(text, match):
            continue
        last = end
        value = None if _unclear(text, match, end) else _value(match)
        money = (match["money"] or "").strip() or (code[1].lower() if code else "")
        if value is None or (money and unit):
            yield Numeral(match.start(), end, None)
        else:
            unit = unit or UNITS.get(money, "")
            yield Numeral(
                match.start(), end, Quantity(value * scale if scale else value, unit)
            )


def last_number(text: str) -> Fraction | None:
    """The last number of a text; None where it has none.

    >>> [str(last_number(text)) for text in ("-3 or $1,200.50.", "3 of 4, or 3/4")]
    ['2401/2', '3/4']
    """
    found = [one.quantity for one in numerals(plain(text)) if one.quantity]
    return found[-1].value if found else None


def as_number(text: str) -> Fraction | None:
    """The number that a text is as a whole, with at most a unit of signs around it.

    >>> as_number("1,000.0") == as_number(" 1000 ") == as_number("$1000") == 1000
    True
    >>> as_number("7 apples") is None
    True
    """
    bare = plain(text).strip("*").rstrip(".%°").strip()
    found = list(numerals(bare))
    if len(found) != 1 or found[0].quantity is None:
        return None
    whole = (found[0].start, found[0].end) == (0, len(bare))
    return found[0].quantity.value if whole and bare[-1].isdigit() else None


def _inside(text: str, match: re.Match[str]) -> bool:
    """Whether digits belong to the word before them: B12, COVID-19, step 5."""
    if LABELS.search(text, max(0, match.start() - 12), match.start()):
        return True
    before = text[max(0, match.start() - 2) : match.start()]
    return before[-1:].isalpha() or (before[-1:] in "-_" and before[:1].isalpha())


def _unclear(text: str, match: re.Match[str], end: int) -> bool:
    before = text[max(0, match.start() - 2) : match.start()]
    joined = before[-1:] in tuple(":/^_-+*.√±") and not before.endswith("..")
    in_brackets = before[-1:] in tuple("([{") and "," in match["run"]
    return joined or in_brackets or UNCLEAR.match(text, end) is not None


def _value(match: re.Match[str]) -> Fraction | None:
    run, below = match["run"], match["below"] or "1"
    if len(run) + len(below) > MOST_DIGITS or (below != "1" and below.startswith("0")):
        return None
    if match["tens"]:
        return Fraction(f"1e{match['tens']}") / int(below) if run == "10" else None
    digits = _digits(run)
    if digits is None:
        return None
    if match["power"]:
        digits = f"{digits}e{match['power']}"
    value = Fraction(int(digits)) if digits.isdigit() else Fraction(digits)
    if below != "1" or match["units"]:
        value = value / int(below) + int(match["units"] or 0)
    return -value if (match["sign"] or "").startswith("-") else value


def _digits(run: str) -> str | None:
    """Digits with a point before decimals; None where the notation is unknown."""
    if DECIMAL.fullmatch(run):
        return run
    if GROUPED.fullmatch(run):
        return re.sub("[, '_]", "", run)
    if COMMA.fullmatch(run):
        return re.sub("[. ']", "", run).replace(",", ".")
    return None
