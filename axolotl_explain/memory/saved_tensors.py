"""What a forward pass leaves for the backward pass, block by block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

WITHOUT_VALUES = (
    *(RuntimeError, ValueError, TypeError, AttributeError, LookupError),
    *(AssertionError, ImportError),
)
"""What models raise whose code looks at values that are not there, or at a field that a
config lacks."""

ALONE = 1.5
"""What a block takes on its way back for each byte that it keeps, where that cannot be
counted."""


@dataclass(slots=True)
class Kept:
    """What a forward pass leaves, in bytes.

    Attributes:
        blocks: what each block leaves, in order.
        inputs: what enters each block.
        alone: the most that each block takes while it is computed again and goes
            backward, the gradients of what passes through it included.
        held: what of each block stays in spite of checkpointing.
        rest: what is left outside of blocks, before the head.
        counted: whether it was counted, and not guessed.
        scan: whether scans of Mamba-2 were counted as kept by the kernel of mamba-ssm.
    """

    blocks: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    alone: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    rest: int = 0
    counted: bool = True
    scan: bool = False


def blocks(model: Any) -> list[Any]:
    """What checkpointing computes again at a time, as transformers marks it."""
    from transformers.modeling_layers import GradientCheckpointingLayer

    return [
        one for one in model.modules() if isinstance(one, GradientCheckpointingLayer)
    ]
