"""Activations at the peak, and what logits take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.memory.precision import tokens
from axolotl_explain.memory.saved_tensors import Kept

LOGIT_BYTES = 12
"""Of each logit at the peak, early in the backward pass: its log probability, which the
loss keeps, and the gradients of both, in 32 bits each."""

FUSED_LOSSES = (
    "cut_cross_entropy",
    "liger_fused_linear_cross_entropy",
    "chunked_cross_entropy",
)
"""Keys of losses that never hold all logits at once."""


CHUNKED_LOGITS = 2**25
"""How many `explain.loss` makes at once, as training/head_loss.py says."""


def checkpointed(recipe: Mapping[str, Any]) -> bool:
    """Whether blocks are computed again in the backward pass."""
    fsdp = recipe.get("fsdp_config") or {}
    return bool(
        recipe.get("gradient_checkpointing") or fsdp.get("activation_checkpointing")
    )


def activation_bytes(kept: Kept, recipe: Mapping[str, Any]) -> int:
    """What is there at the peak.

    With checkpointing, the input of each block, and all of one block while it is
    computed again; without, all of all blocks.
    """
    if not checkpointed(recipe):
        return kept.rest + sum(kept.blocks)
    return kept.rest + sum(kept.inputs) + max(kept.blocks, default=0)


def logit_bytes(vocabulary: int, recipe: Mapping[str, Any]) -> int:
    """Logits and what the loss makes of them; nothing with a fused loss."""
    if any(recipe.get(key) for key in FUSED_LOSSES):
        return 0
    logits = vocabulary * tokens(recipe)
    if in_chunks(recipe):
        logits = min(logits, max(CHUNKED_LOGITS, vocabulary))
    return LOGIT_BYTES * logits


def in_chunks(recipe: Mapping[str, Any]) -> bool:
    """Whether the block `explain.loss` makes logits in chunks."""
    explain = recipe.get("explain")
    return isinstance(explain, Mapping) and "loss" in explain
