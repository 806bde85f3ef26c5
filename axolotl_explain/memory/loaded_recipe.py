"""A recipe's model as it stands before the first step, and what is counted of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axolotl_explain.memory.adapter import adapted
from axolotl_explain.memory.forward import kept
from axolotl_explain.memory.meta_model import build_on_meta
from axolotl_explain.memory.quantised import quantised, quantization
from axolotl_explain.memory.saved_tensors import Kept
from axolotl_explain.memory.weight_dtypes import cast
from axolotl_explain.memory.weights import Weight, read


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is counted of a model.

    Attributes:
        base: the weights of the model, adapter excluded.
        trained: those that are trained: the adapter's, or all of the model's.
        kept: what its forward pass leaves.
        vocabulary: logits for each token.
        tied: bytes of a trained table that is the head too; the head's gradient waits
            for that of the embeddings.
    """

    base: tuple[Weight, ...]
    trained: tuple[Weight, ...]
    kept: Kept
    vocabulary: int
    tied: int = 0

    @property
    def parameters(self) -> int:
        """Numbers of the model, adapter excluded."""
        return sum(each.numbers for each in self.base)


def load(recipe: Mapping[str, Any], config: Mapping[str, Any]) -> Loaded:
    """Do to a model without memory what Axolotl does to one before it trains.

    Raises:
        ExplainError: if the model cannot be built or adapted.
    """
    held = quantization(recipe, config)
    model = build_on_meta(recipe, config)
    packed = quantised(model, recipe, held)
    cast(model, recipe, packed)
    model = adapted(model, recipe)
    weights = read(model, packed)
    trained = tuple(each for each in weights if each.trained)
    frozen = tuple(each for each in weights if not each.trained)
    unpacked = {id(one) for one in model.parameters() if one.ndim > 2} & packed.keys()
    tied = _tied(model)  # before it runs, which parts what is tied
    eight = {key for key, how in packed.items() if how == "int8"}
    return Loaded(
        frozen if recipe.get("adapter") else trained,
        trained,
        kept(model, recipe, unpacked, eight),
        _vocabulary(model),
        tied,
    )


def _vocabulary(model: Any) -> int:
    head = model.get_output_embeddings()
    return int(head.weight.shape[0])


def _tied(model: Any) -> int:
    head, table = model.get_output_embeddings(), model.get_input_embeddings()
    shared = getattr(head, "weight", None) is getattr(table, "weight", head)
    if not (shared and head.weight.requires_grad):
        return 0
    return int(head.weight.numel() * head.weight.element_size())
