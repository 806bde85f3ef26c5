"""Mathematical expressions compared by `math-verify`, where it is installed."""

from __future__ import annotations

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.grading.flexible import Same

INSTALL = "pip install math-verify"


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
        # Without dollar signs math-verify reads numbers alone.
        sides = [parse(f"${text.strip().strip('$')}$") for text in (gold, found)]
        return bool(all(sides) and verify(*sides))

    return same
