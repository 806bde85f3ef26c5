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
    """What is there at the peak of the backward pass.

    With checkpointing, the input of each block, and what one block takes while it is
    computed again and goes backward; without, all of all blocks, and the gradients of
    what passes through one.
    """
    lasting = sum(kept.blocks)
    if checkpointed(recipe):
        lasting = sum(kept.inputs) + (0 if _reentrant(recipe) else sum(kept.held))
    return kept.rest + lasting + passing_bytes(kept, recipe)


def _reentrant(recipe: Mapping[str, Any]) -> bool:
    """Whether blocks first run without a graph, so that layers hold nothing."""
    chosen = recipe.get("gradient_checkpointing_kwargs") or {}
    return bool(chosen.get("use_reentrant", True))


def passing_bytes(kept: Kept, recipe: Mapping[str, Any]) -> int:
    """The part of it that is there for one block at a time, once logits are gone."""
    if checkpointed(recipe):
        return max(kept.alone, default=0)
    return gradient_bytes_of_block(kept)


def gradient_bytes_of_block(kept: Kept) -> int:
    """What one block needs on its way back beyond what it kept, at the most."""
    beyond = (alone - own for alone, own in zip(kept.alone, kept.blocks, strict=True))
    return max(beyond, default=0)


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
