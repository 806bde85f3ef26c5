"""Bytes of a model's weights, by how they are held.

Formats: QLoRA (Dettmers et al. 2023, arXiv 2305.14314, section 3) for nf4 with a scale
for each block of 64 weights, and double quantization of those scales to 8 bits in
blocks of 256; LLM.int8 (Dettmers et al. 2022, arXiv 2208.07339) for 8 bits with a scale
for each row.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, Literal

from axolotl_explain.memory.shape import Linear, Shape

Held = Literal["nf4", "int8", "plain"]

BLOCK, SUPERBLOCK = 64, 256
FLOAT = 4
CODE_4BIT = 16 * FLOAT
"""Table of the 16 values of nf4, kept with each matrix."""
CODE_8BIT = 256 * FLOAT + FLOAT
"""Table of the 8-bit scales and their offset, kept with each matrix."""

UNCAST = (None, "eager", "sdpa")
"""Attention with which embeddings and norms of a full fine-tune stay in 32 bits; with
others Axolotl casts them to 16 (`ModelLoader._configure_embedding_dtypes`)."""


def held(recipe: Mapping[str, Any]) -> Held:
    """How the linear layers of the base model are held."""
    if recipe.get("adapter") and recipe.get("load_in_4bit"):
        return "nf4"
    if recipe.get("adapter") and recipe.get("load_in_8bit"):
        return "int8"
    return "plain"


def double_quantized(recipe: Mapping[str, Any]) -> bool:
    """Whether 4-bit scales are quantised again, which Axolotl does by default."""
    chosen = recipe.get("bnb_config_kwargs") or {}
    return bool(chosen.get("bnb_4bit_use_double_quant", True))


def precision(recipe: Mapping[str, Any]) -> int:
    """Bytes of a number that is computed with: 2 with bf16 or fp16, else 4."""
    return 2 if any(recipe.get(key) for key in ("bf16", "fp16", "bfloat16")) else FLOAT


def rest_precision(recipe: Mapping[str, Any]) -> int:
    """Bytes of a number outside of the linear layers."""
    if not recipe.get("adapter") and recipe.get("attn_implementation") in UNCAST:
        return FLOAT
    return precision(recipe)


def weight_bytes(shape: Shape, recipe: Mapping[str, Any]) -> int:
    """All weights of the base model, on one card."""
    size, kind = precision(recipe), held(recipe)
    double = double_quantized(recipe)
    inside = sum(linear_bytes(each, kind, size, double) for each in shape.linears)
    rest = shape.embedding + shape.head + shape.other
    return inside + rest * rest_precision(recipe)


def linear_bytes(linear: Linear, kind: Held, size: int, double: bool = True) -> int:
    """One repeated linear layer, its biases and scales included.

    >>> linear_bytes(Linear("up", 4096, 12288, 1), "nf4", 2) / (4096 * 12288)
    0.515...
    """
    if kind == "plain" or linear.kept:
        return linear.parameters * size
    bias = linear.outputs * linear.bias * size
    if kind == "int8":
        return linear.count * (linear.weights + FLOAT * linear.outputs + bias)
    return linear.count * (nf4_bytes(linear.weights, double) + bias)


def nf4_bytes(weights: int, double: bool) -> int:
    """A matrix in 4 bits with its scales and tables."""
    blocks = ceil(weights / BLOCK)
    packed = ceil(weights / 2) + CODE_4BIT
    if not double:
        return packed + FLOAT * blocks
    return packed + blocks + FLOAT * ceil(blocks / SUPERBLOCK) + CODE_8BIT


def dequantized_bytes(shape: Shape, recipe: Mapping[str, Any]) -> int:
    """The largest matrix in full, which a quantised layer makes to compute with."""
    if held(recipe) == "plain":
        return 0
    largest = max(each.weights for each in shape.linears if not each.kept)
    return largest * precision(recipe)
