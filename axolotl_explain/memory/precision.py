"""How many numbers a recipe computes with at once, and how wide they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FLOAT = 4
"""Bytes of a number in 32 bits."""

SHORT = ("bf16", "bfloat16", "fp16", "float16", "load_in_8bit")
"""Keys that make Axolotl load and compute in 16 bits (`normalize_config`)."""


def precision(recipe: Mapping[str, Any]) -> int:
    """Bytes of a number that is computed with."""
    return 2 if any(recipe.get(key) for key in SHORT) else FLOAT


def batch(recipe: Mapping[str, Any]) -> tuple[int, int]:
    """Rows of a micro batch, and tokens of each at its fullest."""
    return int(recipe.get("micro_batch_size") or 1), int(
        recipe.get("sequence_len") or 512
    )


def tokens(recipe: Mapping[str, Any]) -> int:
    """Tokens of one micro batch at its fullest."""
    rows, length = batch(recipe)
    return rows * length
