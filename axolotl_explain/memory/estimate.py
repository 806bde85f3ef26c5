"""The memory that a recipe takes on each card, itemised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axolotl_explain.memory.activations import (
    activation_bytes,
    checkpointed,
    gradient_bytes_of_block,
    in_chunks,
    logit_bytes,
    passing_bytes,
)
from axolotl_explain.memory.loaded_recipe import Loaded, load
from axolotl_explain.memory.optimizer_state import (
    gradient_bytes,
    optimizer,
    optimizer_bytes,
    optimizer_known,
)
from axolotl_explain.memory.precision import tokens
from axolotl_explain.memory.sharding import Sharding, sharding
from axolotl_explain.memory.weights import dequantized_bytes, scale_bytes, weight_bytes

GIB = 2**30
CONTEXT = 0.75 * GIB
"""The CUDA context, cuBLAS and the kernels of bitsandbytes: 0.5 to 1 GiB by card."""
FRAGMENTATION = 0.08
"""Share that PyTorch's allocator holds beyond what is asked of it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One part of the memory.

    Attributes:
        bytes: on each card; below zero for what other parts are not there with.
        how: what it was computed from.
    """

    name: str
    bytes: int
    how: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """The memory on each card, part by part.

    Attributes:
        gpus: number of cards.
        parameters: of the model, adapter excluded.
        trained: numbers that are trained.
    """

    items: tuple[Item, ...]
    gpus: int
    parameters: int
    trained: int

    @property
    def total(self) -> int:
        """Bytes on each card."""
        return sum(item.bytes for item in self.items)

    @property
    def gib(self) -> float:
        """The total in GiB, the unit that cards are named by."""
        return self.total / GIB

    def fits(self, memory: float) -> bool:
        """Whether it fits a card of so many GB (as cards are named: GiB)."""
        return self.gib <= memory

    def to_json(self) -> dict[str, Any]:
        """All of it, for programs; sizes in bytes, on each card."""
        return {
            "total": self.total,
            "gpus": self.gpus,
            "parameters": self.parameters,
            "trained": self.trained,
            "items": [
                {"name": one.name, "bytes": one.bytes, "how": one.how}
                for one in self.items
            ],
        }

    def table(self) -> str:
        """One line for each part, and the total.

        Sizes are in GiB, on each card.
        """
        rows = [(item.name, f"{item.bytes / GIB:.2f}", item.how) for item in self.items]
        cards = "each of " + str(self.gpus) if self.gpus > 1 else "one"
        rows.append(("total", f"{self.gib:.2f}", f"GiB on {cards}"))
        names = max(len(row[0]) for row in rows)
        sizes = max(len(row[1]) for row in rows)
        return "\n".join(
            f"{name:<{names}}  {size:>{sizes}}  {how}" for name, size, how in rows
        )


def estimate(
    recipe: Mapping[str, Any], config: Mapping[str, Any], gpus: int | None = None
) -> Estimate:
    """Estimate the peak memory of training a recipe.

    Args:
        recipe: its keys, as in the YAML or as Axolotl validates them.
        config: of its base model (`model_config`).
        gpus: number of cards; without it, the workers of Ray, else one.

    Raises:
        ExplainError: if the model cannot be built or adapted.
    """
    loaded = load(recipe, config)
    cards = gpus or int(recipe.get("ray_num_workers") or 1)
    shared = sharding(recipe, cards)
    adapter = bool(recipe.get("adapter"))
    numbers = sum(each.numbers for each in loaded.trained)
    parts = [
        Item(
            "weights",
            _weights(loaded, recipe, shared),
            f"{loaded.parameters:,} numbers, {_held(loaded)}{shared.note('weights')}",
        ),
        *_adapter(adapter, shared.weights(gradient_bytes(loaded.trained)), numbers),
        Item(
            "gradients",
            shared.gradients(gradient_bytes(loaded.trained)),
            f"of {numbers:,} trained numbers{shared.note('gradients')}",
        ),
        Item(
            "optimizer",
            shared.optimizer(optimizer_bytes(loaded.trained, recipe)),
            f"{optimizer(recipe)}"
            f"{'' if optimizer_known(recipe) else ', taken for AdamW'}"
            f"{shared.note('optimizer')}",
        ),
        Item(
            "activations",
            activation_bytes(loaded.kept, recipe),
            f"{tokens(recipe):,} tokens, "
            f"{'with' if checkpointed(recipe) else 'without'} checkpointing"
            f"{'' if loaded.kept.counted else ', by a rule of thumb'}"
            f"{', scans by mamba-ssm' if loaded.kept.scan else ''}",
        ),
        Item(
            "logits",
            logit_bytes(loaded.vocabulary, recipe),
            f"{tokens(recipe):,} tokens x {loaded.vocabulary:,}"
            f"{', in chunks by explain.loss' if in_chunks(recipe) else ''}",
        ),
        *_buffers(loaded, recipe, shared),
        _not_at_once(loaded, recipe),
    ]
    asked = sum(part.bytes for part in parts)
    parts.append(
        Item(
            "overhead",
            int(CONTEXT + FRAGMENTATION * asked),
            f"CUDA context, and {FRAGMENTATION:.0%} for the allocator",
        )
    )
    return Estimate(tuple(parts), cards, loaded.parameters, numbers)


def _weights(loaded: Loaded, recipe: Mapping[str, Any], shared: Sharding) -> int:
    scales = scale_bytes(loaded.base, recipe)
    own = 0 if "weights" in shared.offloaded else scales
    return shared.weights(weight_bytes(loaded.base, recipe) - scales) + own


def _adapter(is_adapter: bool, size: int, numbers: int) -> list[Item]:
    if not is_adapter:
        return []
    return [Item("adapter", size, f"{numbers:,} numbers")]


def _buffers(loaded: Loaded, recipe: Mapping[str, Any], shared: Sharding) -> list[Item]:
    """What is whole for a moment: weights that are dequantised or gathered from all
    cards, the gradient of a table that is used twice."""
    dequantized = _dequantized(loaded, recipe)
    gathered = _gathered(loaded, recipe, shared)
    if not dequantized + gathered + loaded.tied:
        return []
    words = ["the largest layer dequantised"] if dequantized else []
    words += ["what is gathered from all cards"] if gathered else []
    words += ["the gradient of the tied head"] if loaded.tied else []
    blocks = activation_bytes(loaded.kept, recipe)
    tied = max(loaded.tied, 2 * loaded.tied - blocks)  # at the end, both of the table
    size = dequantized + gathered + tied
    return [Item("buffers", size, ", ".join(words))]


def _dequantized(loaded: Loaded, recipe: Mapping[str, Any]) -> int:
    """The largest layer in full, as far as it takes more than the gradients of a block,
    which are at their most when it is gone."""
    most = gradient_bytes_of_block(loaded.kept)
    return max(0, dequantized_bytes(loaded.base, recipe) - most)


def _gathered(loaded: Loaded, recipe: Mapping[str, Any], shared: Sharding) -> int:
    """Blocks that are whole at a time; FSDP keeps what is in no block whole too."""
    inside = [each for each in loaded.base if each.in_block]
    block = weight_bytes(inside, recipe) // max(1, len(loaded.kept.blocks))
    found = shared.gathered(block)
    if found and recipe.get("fsdp_config"):
        outside = (each for each in loaded.base if not each.in_block)
        found += weight_bytes(outside, recipe)
    return found


def _not_at_once(loaded: Loaded, recipe: Mapping[str, Any]) -> Item:
    """The smaller of what the head and what blocks need in their turn."""
    blocks = passing_bytes(loaded.kept, recipe) + loaded.tied
    blocks += _dequantized(loaded, recipe)
    logits = logit_bytes(loaded.vocabulary, recipe)
    return Item(
        "overlap", -min(blocks, logits), "logits are gone before blocks go backward"
    )


def _held(loaded: Loaded) -> str:
    """How many of the weights are held in how many bits, the most first."""
    bits = {"nf4": 4, "int8": 8}
    counted: Counter[int] = Counter()
    for each in loaded.base:
        counted[bits.get(each.held, 8 * each.width)] += each.numbers
    shares = [(bit, count / counted.total()) for bit, count in counted.most_common()]
    said = [f"{share:.0%} in {bit} bits" for bit, share in shares if share >= 0.005]
    return f"all in {shares[0][0]} bits" if len(said) == 1 else ", ".join(said)
