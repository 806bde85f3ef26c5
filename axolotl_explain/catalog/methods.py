"""The ways to train a model that a machine may have the memory for, the best one first.

Full fine-tuning comes first where there is room to spare, then LoRA, LoRA with the base
model in 8 bits, and QLoRA. Several cards share one model only where it fits none of
them: by ZeRO-3 for a full fine-tune, by FSDP2 for QLoRA. Without a card it is LoRA.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

from axolotl_explain.catalog.model_facts import ModelFacts, size_in_name
from axolotl_explain.catalog.prompt_kind import Kind
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes
from axolotl_explain.memory.known_models import MODELS
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE

COMFORTABLE = 0.75
"""The share of a card that a full fine-tune may take; an adapter has more use for
the rest, in longer rows and larger batches."""
ROOM = 0.9
"""The share that others may take."""
LEAST_BYTES = {"full": 6.0, "LoRA": 2.0, "8-bit LoRA": 1.0, "QLoRA": 0.5}
"""Of each parameter, whatever else there is: weights, and for a full fine-tune
gradients and an 8-bit optimizer."""
ALIKE = {"qwen2": "qwen3", "smollm3": "qwen3"}
"""Architecture -> the one whose recipes fit it as they are."""
OWN_KEYS = (
    *("lora_target_modules", "lora_target_parameters", "chat_template_kwargs"),
    "model_quantization_config",
)
"""Keys of a recipe that fits no architecture but its own."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to train.

    Attributes:
        name: full, LoRA, 8-bit LoRA or QLoRA.
        basis: the shipped recipe to begin with.
        rows: of a micro-batch.
        shared: whether several cards share the model.
    """

    name: str
    basis: ShippedRecipe
    rows: int
    shared: bool = False

    @property
    def full_name(self) -> str:
        """Its name, with how cards share the model."""
        return f"{self.name} over all cards" if self.shared else self.name

    @property
    def room(self) -> float:
        """The share of a card that it may take."""
        return COMFORTABLE if self.name == "full" else ROOM

    def least(self, parameters: float, gpus: int) -> float:
        """Bytes on each card below which it cannot be."""
        return LEAST_BYTES[self.name] * parameters / (gpus if self.shared else 1)


def methods(model: ModelFacts, kind: Kind, gpus: int) -> Iterator[Method]:
    """The ways to try, in order.

    Args:
        gpus: number of cards; 0 for none.
    """
    if not gpus:
        yield from _sizes("LoRA", model, kind, on_cpu=True)
        return
    yield from _sizes("full", model, kind)
    decoder = kind != "seq2seq"
    if gpus > 1 and decoder:
        yield Method("full", _shipped("qwen3/full-zero3-8b"), 1, shared=True)
    for name in ("LoRA", "8-bit LoRA", "QLoRA"):
        yield from _sizes(name, model, kind)
    if gpus > 1 and decoder and model.config is not None:
        yield Method("QLoRA", _shipped("llama/qlora-fsdp2-70b"), 1, shared=True)


def _sizes(
    name: str, model: ModelFacts, kind: Kind, on_cpu: bool = False
) -> Iterator[Method]:
    """A method with the micro-batch of its basis, and with one row at a time."""
    basis = nearest(name, model, kind, on_cpu)
    rows = int(basis.recipe["micro_batch_size"])
    for size in dict.fromkeys((rows, 1)):
        yield Method(name, basis, size)


def nearest(
    name: str, model: ModelFacts, kind: Kind, on_cpu: bool = False
) -> ShippedRecipe:
    """The shipped recipe that is most like what is wanted.

    In this order: an adapter where one is wanted, for this very model, of its
    architecture, without keys for another one, of the same method, the same kind of
    prompt, and of its size.
    """
    adapter = name != "full"

    def unlike(entry: ShippedRecipe) -> tuple[float, ...]:
        recipe = entry.recipe
        own = architecture(entry)
        return (
            adapter and entry.method == "full",
            (recipe.get("model_type") == MODEL_TYPE) != (kind == "seq2seq"),
            recipe["base_model"] != model.name,
            own != ALIKE.get(model.kind, model.kind),
            any(key in recipe for key in OWN_KEYS),
            entry.method != name,
            not recipe["datasets"][0]["type"].endswith(kind),
            abs(log((size_in_name(entry.name) or 1e9) / (model.parameters or 1e9))),
        )

    return min(_of_machine(on_cpu), key=unlike)


def architecture(entry: ShippedRecipe) -> str:
    """The architecture that a shipped recipe is for."""
    recipe = entry.recipe
    made = recipe.get("scratch_model")
    config = made["config"] if made else MODELS.get(recipe["base_model"], {})
    return str(config.get("model_type") or "")


def is_shipped(kind: str) -> bool:
    """Whether a shipped recipe trains this architecture on a card."""
    return ALIKE.get(kind, kind) in map(architecture, _of_machine(False))


def _of_machine(on_cpu: bool) -> list[ShippedRecipe]:
    """Recipes for one card, or for none, that train the rows they are given."""
    return [
        entry
        for entry in shipped_recipes()
        if "task_data" not in entry.recipe
        and entry.header.hardware.gpus == (0 if on_cpu else 1)
    ]


def _shipped(name: str) -> ShippedRecipe:
    return next(entry for entry in shipped_recipes() if entry.name == name)
