"""Units behind numbers, by all their spellings, and words that multiply a number."""

from __future__ import annotations

import re
from fractions import Fraction

_SPELLINGS = {
    **{"%": "percent per-cent pct", "°": "degree deg", "$": "dollar usd bucks"},
    **{"€": "euro eur", "£": "pound-sterling gbp quid", "¥": "yen jpy"},
    **{"₹": "rupee inr", "cent": "¢ penny pennies"},
    **{"mg": "milligram", "g": "gram gramme", "kg": "kilogram kilogramme kilo"},
    **{"t": "tonne", "Mg": "megagram", "lb": "lbs", "oz": "ounce"},
    **{
        "mm": "millimetre millimeter",
        "cm": "centimetre centimeter",
        "m": "metre meter",
    },
    **{"km": "kilometre kilometer", "ft": "foot feet", "mi": "mile", "yd": "yard"},
    **{"inch": "inches", "ml": "millilitre milliliter mL", "l": "litre liter L"},
    **{"ms": "millisecond", "s": "second sec", "min": "minute", "h": "hour hr"},
    **{"day": "", "week": "", "month": "", "year": "", "mph": "", "kph": ""},
}
UNITS = {
    spelling.replace("-", " "): unit
    for unit, others in _SPELLINGS.items()
    for spelling in (unit, *others.split())
}
"""Spelling -> unit."""

MONEY = "$€£¥₹"

SCALES = {
    **{"dozen": Fraction(12), "hundred": Fraction(100), "thousand": Fraction(1_000)},
    **{"million": Fraction(10**6), "billion": Fraction(10**9)},
    **{"trillion": Fraction(10**12), "halves": Fraction(1, 2)},
    **{"thirds": Fraction(1, 3), "quarters": Fraction(1, 4), "fourths": Fraction(1, 4)},
    **{"fifths": Fraction(1, 5), "eighths": Fraction(1, 8), "tenths": Fraction(1, 10)},
    **{"hundredths": Fraction(1, 100), "thousandths": Fraction(1, 1_000)},
}

_SCALE = re.compile(rf" ?-?(?P<word>{'|'.join(SCALES)})\b", re.IGNORECASE)
_UNIT = re.compile(
    r" ?(?:(?P<prefix>square|sq\.?|cubic|cu\.?) )?"
    r"(?P<name>[%°¢€£¥₹$]|[A-Za-z]+|per cent)"
    r"(?:\^?(?P<power>[23])(?![0-9]))?"
)
_PER = re.compile(r" ?/ ?| per | an? ")
_PREFIXES = {"s": "2", "c": "3"}


def scale_behind(text: str, place: int) -> tuple[Fraction | None, int]:
    """What multiplies a number that ends at a place, if anything, and where that ends.

    >>> scale_behind("5 million", 1)[0]
    Fraction(1000000, 1)
    """
    match = _SCALE.match(text, place)
    return (SCALES[match["word"].lower()], match.end()) if match else (None, place)


def unit_behind(text: str, place: int) -> tuple[str, int]:
    """The unit that begins at a place, and where it ends; empty where none does.

    >>> unit_behind("5 square metres", 1), unit_behind("5 km per hour", 1)
    (('m2', 15), ('km/h', 13))
    """
    name, end = _one_unit(text, place)
    if name and (per := _PER.match(text, end)):
        below, after = _one_unit(text, per.end())
        if below:
            return f"{name}/{below}", after
    return name, end


def _one_unit(text: str, place: int) -> tuple[str, int]:
    match = _UNIT.match(text, place)
    if match is None:
        return "", place
    name = _known(match["name"])
    if not name:
        return "", place
    power = match["power"] or _PREFIXES.get((match["prefix"] or "")[:1], "")
    return f"{name}{power}", match.end()


def _known(name: str) -> str:
    """Names of one or two letters count in their own case: 5 mg is not 5 Mg."""
    short = name if len(name) <= 2 else name.lower()
    stem = short[:-1] if len(short) > 3 and short.endswith("s") else short
    return UNITS.get(short) or UNITS.get(stem) or ""
