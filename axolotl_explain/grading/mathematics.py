"""Mathematical expressions compared by `math-verify`, where it is installed.

It is asked about what is neither a plain number nor in doubt, such as x^2-1. By itself
it reads no units (5 g would equal 5 kg), rounds to six decimals, takes A for a, an
interval for a set, and the right side of an unsolved equation for its solution; texts
that differ in any of these are not handed to it.
"""

from __future__ import annotations

import re

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.grading.answer_kinds import MARKS
from axolotl_explain.grading.equations import NAME
from axolotl_explain.grading.flexible import Same
from axolotl_explain.grading.plain_text import plain
from axolotl_explain.grading.statement import doubted

INSTALL = "pip install math-verify"
DECIMALS = 15
"""To which numbers that are no fractions are compared."""
SECONDS = 20
"""That one expression may take, on a machine that is busy with others."""
MOST = 300
"""Characters of an expression; a longer one takes too long to compare."""

_COMMAND = re.compile(r"\\[A-Za-z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTER = re.compile(r"[^\W\d_]")
_FUNCTIONS = {
    *("sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "sqrt", "pi"),
    *("min", "max", "gcd", "lcm", "det"),
}
_BRACKETS = re.compile(r"(?P<open>\\?[({\[])?.*?(?P<close>\\?[)}\]])?", re.DOTALL)


def math_same() -> Same:
    """A comparison under which x^2-1 and (x-1)(x+1) are the same answer.

    Raises:
        ExplainError: if the package is not installed.
    """
    try:
        from math_verify import parse, verify
    except ImportError:
        raise ExplainError(
            f"--math-verify: math-verify is not installed; {INSTALL}, or leave the "
            "option out."
        ) from None

    def same(gold: str, found: str) -> bool:
        gold, found = (text.strip(MARKS) for text in (gold, found))
        if not _comparable(gold, found):
            return False
        # Without dollar signs math-verify reads numbers alone.
        sides = [
            parse(f"${text}$", fallback_mode="no_fallback", parsing_timeout=SECONDS)
            for text in (gold, found)
        ]
        if not all(sides):
            return False
        return bool(verify(*sides, float_rounding=DECIMALS, timeout_seconds=SECONDS))

    return same


def _comparable(gold: str, found: str) -> bool:
    """Whether two texts are mathematics that differs in nothing but its form."""
    if not gold or not found or max(len(gold), len(found)) > MOST:
        return False
    first, second = plain(gold), plain(found)
    if second[-1:] in tuple("+-*/^=") or _doubted(second) > _doubted(first):
        return False
    return (
        _words(first) == _words(second)
        and _capitals(first) == _capitals(second)
        and (":" in first) == (":" in second)
        and _listed(gold, found)
        and _solved(first, second)
    )


def _doubted(text: str) -> bool:
    return doubted(re.sub(r"[\\|]", " ", _COMMAND.sub(" ", text)))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_COMMAND.sub(" ", text))) - _FUNCTIONS


def _capitals(text: str) -> dict[str, bool]:
    """Letters that are written one way alone -> whether that is the capital."""
    letters = set(_LETTER.findall(_COMMAND.sub(" ", text)))
    return {
        one.casefold(): one.isupper()
        for one in letters
        if one.swapcase() not in letters
    }


def _listed(gold: str, found: str) -> bool:
    """Whether lists stand in the same brackets, without which no order would count.

    (1, 2) is not {1, 2}, and neither is 1, 2.
    """
    if "," not in gold and "," not in found:
        return True
    ends = []
    for text in (gold, found):
        match = _BRACKETS.fullmatch(re.sub(r"\\(?:left|right)|[\s$]", "", text))
        ends.append((match["open"], match["close"]) if match else ("", ""))
    return ends[0] == ends[1] and all(ends[0])


def _solved(gold: str, found: str) -> bool:
    """Whether an equation stands on both sides, or gives a name its value."""
    if ("=" in gold) == ("=" in found):
        return True
    left, _, right = (gold if "=" in gold else found).partition("=")
    return NAME.fullmatch(left.strip()) is not None and "=" not in right
