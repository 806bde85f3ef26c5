"""The bytes of gradients and of the optimizer, weight by weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from axolotl_explain.memory.precision import FLOAT
from axolotl_explain.memory.weights import Weight

DEFAULT = "adamw_torch_fused"
STATES = {
    "adamw_torch": 2,
    "adamw_torch_fused": 2,
    "adamw_apex_fused": 2,
    "lion_pytorch": 1,
    "muon": 1,
    "sgd": 0,
}
"""Optimizer -> states for each number, held as it is held itself."""

WHOLE = {"paged_adamw_32bit": 2, "lion_32bit": 1, "paged_lion_32bit": 1}
"""Optimizer of bitsandbytes -> states for each number, in 32 bits."""

BYTES = {
    "adamw_8bit": 2,
    "adamw_bnb_8bit": 2,
    "paged_adamw_8bit": 2,
    "lion_8bit": 1,
    "paged_lion_8bit": 1,
}
"""Optimizer of bitsandbytes -> states of a byte for each number, with a scale for each
block of 256 (Dettmers et al. 2022, arXiv 2110.02861)."""

PACKED = {"adamw_torch_8bit": (8, 256), "adamw_torch_4bit": (4, 128)}
"""AdamW of torchao -> bits of each of two states, and numbers that share a scale."""

SMALL = 4_096
"""Weights of fewer numbers keep whole states, with bitsandbytes and with torchao."""

MASTER_BYTES = 3 * FLOAT
"""DeepSpeed with bf16: a 32-bit copy of each weight and two 32-bit states (Rajbhandari
et al. 2020, arXiv 1910.02054, section 3.1)."""


def gradient_bytes(trained: Sequence[Weight]) -> int:
    """One number for each that is trained, held as it is."""
    return sum(each.numbers * each.width for each in trained)


def optimizer_bytes(trained: Sequence[Weight], recipe: Mapping[str, Any]) -> int:
    """The optimizer's states."""
    if recipe.get("deepspeed"):
        return MASTER_BYTES * sum(each.numbers for each in trained)
    return sum(state_bytes(optimizer(recipe), each) for each in trained)


def optimizer(recipe: Mapping[str, Any]) -> str:
    """The name of a recipe's optimizer."""
    return str(recipe.get("optimizer") or DEFAULT)


def optimizer_known(recipe: Mapping[str, Any]) -> bool:
    """Whether its states are known here; others are taken for AdamW's."""
    known = {"adafactor", *STATES, *WHOLE, *BYTES, *PACKED}
    return optimizer(recipe) in known


def state_bytes(name: str, weight: Weight) -> int:
    """What an optimizer keeps of one weight.

    Embeddings keep whole states with the 8-bit optimizers of bitsandbytes, as
    transformers' trainer tells them.
    """
    numbers = weight.numbers
    if name == "adafactor":
        return FLOAT * _rows_and_columns(weight)
    if name in BYTES:
        small = weight.embedding or numbers < SMALL
        each = FLOAT * numbers if small else numbers + FLOAT * ceil(numbers / 256)
        return BYTES[name] * each
    if name in PACKED:
        bits, block = PACKED[name]
        if numbers >= SMALL and numbers % block == 0:
            return 2 * (numbers * bits // 8 + FLOAT * numbers // block)
    if name in WHOLE:
        return WHOLE[name] * FLOAT * numbers
    return STATES.get(name, 2) * numbers * weight.width


def _rows_and_columns(weight: Weight) -> int:
    """Numbers of Adafactor's factors; a vector is kept whole."""
    if len(weight.sizes) < 2:
        return weight.numbers
    return sum(weight.numbers // size for size in weight.sizes[-2:])
