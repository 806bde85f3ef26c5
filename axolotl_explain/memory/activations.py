"""Bytes that the forward pass leaves for the backward pass, and what logits take.

A block's activations are counted tensor by tensor, as Korthikanti et al. 2022 do (arXiv
2205.05198, section 4), with attention that keeps no scores (flash or sdpa), in 16 bits
and with adapters on all linear layers. The coefficients are bytes for each token and
unit of width; `tests/memory` holds them against the tensors that autograd really keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from axolotl_explain.memory.shape import Shape
from axolotl_explain.memory.trained import targets
from axolotl_explain.memory.weights import precision


class Kept(NamedTuple):
    """Bytes kept for each token, per unit of each width of a block.

    `scores` is per head and pair of tokens, where a bias of attention is trained.
    """

    inner: float
    hidden: float
    query: float
    value: float
    scores: float = 0


KEPT = {
    "llama": Kept(8, 18, 6, 4),
    "mistral": Kept(8, 18, 6, 4),
    "smollm3": Kept(8, 18, 6, 4),
    "qwen3": Kept(8, 18, 10.5, 8.5),
    "gemma3": Kept(8, 27, 10.5, 8.5),
    "gemma3_text": Kept(8, 27, 10.5, 8.5),
    "phi3": Kept(8, 16, 8, 6),
    "gpt2": Kept(10, 27, 0, 0),
    "t5": Kept(8, 18, 10, 8, 4),
}
LOGIT_BYTES = 10
"""Of each logit at the peak: 16-bit logits, their 32-bit copy, and the 32-bit log
probabilities that the loss keeps."""

FUSED_LOSSES = (
    "cut_cross_entropy",
    "liger_fused_linear_cross_entropy",
    "chunked_cross_entropy",
)
"""Keys of losses that never hold all logits at once."""


def tokens(recipe: Mapping[str, Any]) -> int:
    """Tokens of one micro batch at its fullest."""
    rows = int(recipe.get("micro_batch_size") or 1)
    return rows * int(recipe.get("sequence_len") or 512)


def checkpointed(recipe: Mapping[str, Any]) -> bool:
    """Whether blocks are computed again in the backward pass."""
    fsdp = recipe.get("fsdp_config") or {}
    return bool(
        recipe.get("gradient_checkpointing") or fsdp.get("activation_checkpointing")
    )


def activation_bytes(shape: Shape, kind: str, recipe: Mapping[str, Any]) -> int:
    """What all blocks keep.

    With checkpointing, the input of each block (`2 x hidden` bytes a token in 16 bits)
    and all of one block while it is computed again; without, all of all blocks.
    """
    block = block_bytes(shape, kind, recipe)
    if not checkpointed(recipe):
        return shape.blocks * block
    inputs = shape.hidden * precision(recipe) * tokens(recipe)
    return shape.blocks * inputs + block


def block_bytes(shape: Shape, kind: str, recipe: Mapping[str, Any]) -> int:
    """What one block keeps without checkpointing."""
    kept, widths = KEPT[kind], shape.block
    wide = precision(recipe) / 2
    each = wide * (
        kept.inner * widths["inner"]
        + kept.hidden * shape.hidden
        + kept.query * widths["query"]
        + kept.value * widths["value"]
    )
    if recipe.get("adapter"):
        adapted = sum(linear.count for linear in targets(shape, recipe))
        each += (
            precision(recipe)
            * int(recipe.get("lora_r") or 8)
            * (adapted / shape.blocks)
        )
    else:
        length = int(recipe.get("sequence_len") or 512)
        each += kept.scores * widths.get("heads", 0) * length
    return int(each * tokens(recipe))


def logit_bytes(shape: Shape, recipe: Mapping[str, Any]) -> int:
    """Logits and what the loss makes of them; nothing with a fused loss."""
    if any(recipe.get(key) for key in FUSED_LOSSES):
        return 0
    return LOGIT_BYTES * shape.vocab * tokens(recipe)
