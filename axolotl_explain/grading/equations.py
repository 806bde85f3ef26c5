"""Of an equation, the side that is the answer.

"3 + 4 = 7" says 7, and "x = 2" says 2 and that it is x. An equation that is still to be
solved, such as "2x = 4", says nothing clear.
"""

from __future__ import annotations

import re

from axolotl_explain.grading.numbers_in_text import numerals

NAME = re.compile(r"(?:[A-Za-zα-ωΑ-Ω]|[A-Za-z][0-9])(?:_\{?\w+\}?)?'?(?:\([^()=]*\))?")
"""What an equation gives a value to: x, x_1, f(2)."""
_WAY = re.compile(
    r"(?:[-+*/^()\[\]{}.,:'$€£¥₹%°√ ]|\\?(?<![0-9A-Za-z])[A-Za-z]{2,}(?![A-Za-z])|"
    r"(?<![A-Za-z])[0-9]+(?![A-Za-z]))*"
)
"""Arithmetic and words, without a variable."""
_OPERATION = re.compile(r"[0-9)] ?[-+*/^] ?[($]?[0-9]")
_BREAK = re.compile(r"[,;:.] |\b(?:but|then|so|therefore|thus|hence|and)\b", re.I)
_COMPARED = re.compile("[<>!:]=|==|≠|≤|≥|<|>")


def solved(text: str) -> tuple[str, str] | None:
    """A text with its last equation made to what it says, and the name of the value.

    Returns:
        None where an equation says nothing clear.

    >>> solved("so 3 + 4 = 7 apples"), solved("x = 2"), solved("2x = 4")
    (('so 7 apples', ''), ('2', 'x'), None)
    """
    if "=" not in text or _COMPARED.search(text):
        return text, ""
    breaks = [one.end() for one in _BREAK.finditer(text, 0, text.rindex("="))]
    start = breaks[-1] if breaks else 0
    *before, last = (side.strip() for side in text[start:].split("="))
    names = [side for side in before if _is_name(side)]
    kept = [side for side in before if side not in names and _single(side)]
    ways = [side for side in before if side not in names and side not in kept]
    if not all(_WAY.fullmatch(side) for side in ways):
        return None
    if NAME.fullmatch(last.rstrip(".")):
        names.append(last.rstrip("."))
    elif not (kept and _is_sum(last)):
        kept.append(last)
    name = names[0].rpartition(" ")[2].replace(" ", "") if names else ""
    return f"{text[:start].strip()} {' = '.join(kept)}".strip(), name


def _is_name(side: str) -> bool:
    """Whether a side is a name, behind words such as "we get"."""
    words, _, name = side.rpartition(" ")
    bare = not re.search(r"[0-9]", words) and _WAY.fullmatch(words)
    return bool(bare and NAME.fullmatch(name))


def _single(side: str) -> bool:
    """Whether a side is a number and nothing but words."""
    found = list(numerals(side))
    whole = len(found) == 1 and found[0].quantity is not None
    return whole and not re.search(
        r"[0-9]", side[found[0].end :] + side[: found[0].start]
    )


def _is_sum(side: str) -> bool:
    return _OPERATION.search(side) is not None and bool(_WAY.fullmatch(side))
