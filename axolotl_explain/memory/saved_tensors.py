"""What a forward pass leaves for the backward pass, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Kept:
    """What a forward pass leaves, in bytes.

    Attributes:
        blocks: what each block leaves, in order.
        inputs: what enters each block.
        rest: what is left outside of blocks, before the head.
        counted: whether it was counted, and not guessed.
    """

    blocks: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    rest: int = 0
    counted: bool = True


def blocks(model: Any) -> list[Any]:
    """What checkpointing computes again at a time, as transformers marks it."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    return [
        one for one in model.modules() if isinstance(one, GradientCheckpointingLayer)
    ]
