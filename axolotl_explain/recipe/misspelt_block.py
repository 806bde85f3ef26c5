"""Keys that are `explain` misspelt, which Axolotl would drop without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.dataset_entries import Found
from axolotl_explain.support.overrides import BLOCK
from axolotl_explain.support.suggest import misspelt

LONGER = ("explanation", "explanations", "explainer")
"""Other names that people give the block."""


def looks_like_it(key: str) -> bool:
    """Whether a key can hardly be meant as anything but our block.

    >>> looks_like_it("explian"), looks_like_it("plain"), looks_like_it("explain")
    (True, False, False)
    """
    if key == BLOCK:
        return False
    lowered = key.casefold()
    alike = misspelt(lowered, [BLOCK]) and abs(len(key) - len(BLOCK)) <= 1
    return bool(alike) or lowered in LONGER


def refuse_misspelt(recipe: Mapping[str, Any], found: Sequence[Found]) -> None:
    """Refuse such a key at the top level, or in an entry of ours.

    Raises:
        ExplainError: naming the first.
    """
    blocks = [("", recipe), *((f"{one.where}.", one.entry) for one in found)]
    for where, block in blocks:
        for key in map(str, block):
            if looks_like_it(key):
                raise ExplainError(f"{where}{key}: did you mean {BLOCK}?")
