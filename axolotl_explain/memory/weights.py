"""A model's weights one by one, and the bytes of each by how it is held.

Formats: QLoRA (Dettmers et al. 2023, arXiv 2305.14314, section 3) for nf4 with a scale
for each block of 64 weights, and double quantization of those scales to 8 bits in
blocks of 256; LLM.int8 (Dettmers et al. 2022, arXiv 2208.07339) for 8 bits with a scale
for each row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil, prod
from typing import Any

from axolotl_explain.memory.precision import FLOAT, precision
from axolotl_explain.memory.quantised import Held
from axolotl_explain.memory.saved_tensors import blocks

BLOCK, SUPERBLOCK = 64, 256
CODE_4BIT = 16 * FLOAT
"""Table of the 16 values of nf4, kept with each matrix."""
CODE_8BIT = 256 * FLOAT + FLOAT
"""Table of the 8-bit scales and their offset, kept with each matrix."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One parameter of a model.

    Attributes:
        path: as transformers or peft names it.
        sizes: of its dimensions; of a matrix, outputs and inputs.
        held: whether and how it is quantised.
        width: bytes of one of its numbers where it is not.
        embedding: whether it is a table of embeddings.
        in_block: whether it is part of what checkpointing computes again at a time.
    """

    path: str
    sizes: tuple[int, ...]
    held: Held
    width: int
    trained: bool = False
    embedding: bool = False
    in_block: bool = False

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return prod(self.sizes)

    def bytes(self, double: bool = True) -> int:
        """What it takes, its scales included.

        Args:
            double: whether the scales of 4 bits are quantised too.

        >>> Weight("up", (12288, 4096), "nf4", 2).bytes() / (12288 * 4096)
        0.515...
        """
        if self.held == "nf4":
            return nf4_bytes(self.numbers, double)
        if self.held == "int8":
            return self.numbers + FLOAT * (self.numbers // self.sizes[-1])
        return self.numbers * self.width


def read(model: Any, quantised: Mapping[int, Held]) -> list[Weight]:
    """All weights of a model, each once however often it is used.

    Args:
        quantised: `id` of the parameters that are quantised, and how they are held.
    """
    return list(_read(model, quantised))


def _read(model: Any, quantised: Mapping[int, Held]) -> Iterator[Weight]:
    from torch import nn
    from transformers.pytorch_utils import Conv1D

    seen: set[int] = set()
    inside = {id(one) for block in blocks(model) for one in block.parameters()}
    for path, module in model.named_modules():
        for name, weight in module.named_parameters(recurse=False):
            if id(weight) in seen:
                continue
            seen.add(id(weight))
            sizes = tuple(weight.shape)
            yield Weight(
                f"{path}.{name}",
                sizes[::-1] if isinstance(module, Conv1D) else sizes,
                quantised.get(id(weight), "plain"),
                weight.element_size(),
                weight.requires_grad,
                isinstance(module, nn.Embedding),
                id(weight) in inside,
            )


def double_quantized(recipe: Mapping[str, Any]) -> bool:
    """Whether 4-bit scales are quantised again, which Axolotl does by default."""
    chosen = recipe.get("bnb_config_kwargs") or {}
    return bool(chosen.get("bnb_4bit_use_double_quant", True))


def weight_bytes(weights: Iterable[Weight], recipe: Mapping[str, Any]) -> int:
    """All of them, on one card."""
    double = double_quantized(recipe)
    return sum(each.bytes(double) for each in weights)


def scale_bytes(weights: Iterable[Weight], recipe: Mapping[str, Any]) -> int:
    """What quantised weights have beside their numbers.

    Cards that share out the numbers each keep all of it: it is no parameter
    (`monkeypatch/fsdp2_qlora.py` of Axolotl).
    """
    double = double_quantized(recipe)
    bits = {"nf4": 4, "int8": 8}
    return sum(
        each.bytes(double) - ceil(each.numbers * bits[each.held] / 8)
        for each in weights
        if each.held != "plain"
    )


def nf4_bytes(numbers: int, double: bool) -> int:
    """A tensor in 4 bits with its scales and tables."""
    blocks = ceil(numbers / BLOCK)
    packed = ceil(numbers / 2) + CODE_4BIT
    if not double:
        return packed + FLOAT * blocks
    return packed + blocks + FLOAT * ceil(blocks / SUPERBLOCK) + CODE_8BIT


def dequantized_bytes(weights: Iterable[Weight], recipe: Mapping[str, Any]) -> int:
    """The largest tensor in full, which a quantised layer makes to compute with."""
    sizes = (each.numbers for each in weights if each.held != "plain")
    return max(sizes, default=0) * precision(recipe)
