"""Answers of mathematics: what the last `\\boxed{…}` of a solution holds."""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.grading.boxed import last_boxed


def boxed_or_whole(text: str) -> str:
    """What the last box holds; the whole text where there is no box."""
    return last_boxed(text) or text


def boxed(text: str) -> str:
    """What the last box holds.

    Raises:
        BadRow: if there is none.
    """
    found = last_boxed(text)
    if found:
        return found
    raise BadRow(f"solution: no \\boxed{{}} in {quoted(text)}.", "no \\boxed{} answer")
