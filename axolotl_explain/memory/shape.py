"""Where the weights of a model are: its linear layers, and what lies beside them.

The module names are those of transformers, since LoRA targets are matched by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Linear:
    """One linear layer, repeated.

    Attributes:
        path: module path of the first of them, such as
            `model.layers.0.self_attn.q_proj`.
        count: how many there are.
        kept: stays unquantised where the others are quantised.
    """

    path: str
    inputs: int
    outputs: int
    count: int
    bias: bool = False
    kept: bool = False

    @property
    def weights(self) -> int:
        """Numbers in the matrix of one of them."""
        return self.inputs * self.outputs

    @property
    def parameters(self) -> int:
        """Of all of them, biases included."""
        return self.count * (self.weights + self.outputs * self.bias)


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the weights of a model are.

    Attributes:
        linears: all linear layers but the head.
        embedding: numbers in the token embedding.
        head: numbers in the output head; 0 where it shares those of the embedding.
        other: numbers elsewhere: norms, positions, what is no linear layer.
        block: widths of one block for its activations, by name (`activations.py`).
        blocks: number of blocks.
    """

    vocab: int
    hidden: int
    linears: tuple[Linear, ...]
    embedding: int
    head: int
    other: int
    blocks: int
    block: Mapping[str, int] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """All numbers of the model."""
        inside = sum(linear.parameters for linear in self.linears)
        return inside + self.embedding + self.head + self.other
