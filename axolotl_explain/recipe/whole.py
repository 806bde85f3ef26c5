"""What only a dataset seen as a whole can give, and rows that come in parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.options import ExplainOptions

WHY = {
    "derive_levels.by": "terciles are of all rows of the dataset",
    "control": "explanations are drawn from all rows of the dataset",
}


def refuse_parts(
    where: str, options: ExplainOptions, entry: Mapping[str, Any], streamed: bool
) -> None:
    """Refuse what a dataset entry asks for if its rows are never seen together.

    Args:
        where: the key path of the entry.
        streamed: whether its rows come as a stream.

    Raises:
        ExplainError: naming the key, the reason and what to switch off.
    """
    key = options.needs_whole_dataset
    if not key or not (streamed or entry.get("preprocess_shards")):
        return
    parts = "streaming" if streamed else "preprocess_shards"
    raise ExplainError(
        f"{where}.explain.{key}: {WHY[key]}, and with {parts} they are never seen "
        f"together; switch {parts} off, or use another value."
    )
