"""Activations by a rule of thumb, for models that cannot run without values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.memory.precision import precision, tokens
from axolotl_explain.memory.saved_tensors import ALONE, Kept, blocks

SHARE = 1.4
"""Kept numbers for each number that enters or leaves a matrix of a block; what other
models keep lies around it."""

CHOSEN = ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "top_k")
"""Names that configs have for the experts that each token sees."""


def by_thumb(model: Any, recipe: Mapping[str, Any]) -> Kept:
    """What the matrices of each block see and give, times a share."""
    config = model.config.get_text_config()
    chosen = next((getattr(config, key) for key in CHOSEN if hasattr(config, key)), 1)
    each = precision(recipe) * tokens(recipe)
    widths = [
        sum(
            (chosen if one.ndim == 3 else 1) * sum(one.shape[-2:])
            for one in block.parameters()
            if one.ndim in (2, 3)
        )
        for block in blocks(model) or [model]
    ]
    entering = each * int(model.get_input_embeddings().weight.shape[-1])
    kept = [int(SHARE * each * width) for width in widths]
    return Kept(
        blocks=kept,
        alone=[int(ALONE * one) for one in kept],
        inputs=[entering] * len(widths),
        counted=False,
    )
