"""What is trained, and the bytes of its gradients and of the optimizer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axolotl_explain.memory.shape import Linear, Shape
from axolotl_explain.memory.weights import FLOAT, precision, rest_precision

ADAM_8BIT = 2 + 2 * FLOAT / 256
"""Two states of a byte, with a scale for each block of 256 (Dettmers et al. 2022,
arXiv 2110.02861)."""

STATE_BYTES = {
    "adamw_8bit": ADAM_8BIT,
    "adamw_bnb_8bit": ADAM_8BIT,
    "paged_adamw_8bit": ADAM_8BIT,
    "adamw_torch_8bit": ADAM_8BIT,
    "adamw_torch_4bit": 1 + 2 * FLOAT / 128,
    "lion_8bit": 1 + FLOAT / 256,
    "paged_lion_8bit": 1 + FLOAT / 256,
    "sgd": 0.0,
}
"""Optimizer -> bytes of state for each trained number, whatever it is held in."""

STATES = {
    "adamw_torch": 2,
    "adamw_torch_fused": 2,
    "adamw_apex_fused": 2,
    "paged_adamw_32bit": 2,
    "lion_pytorch": 1,
    "lion_32bit": 1,
    "muon": 1,
}
"""Optimizer -> states for each trained number, held as it is held itself."""

MASTER_BYTES = 3 * FLOAT
"""DeepSpeed with bf16: a 32-bit copy of each weight and two 32-bit states (Rajbhandari
et al. 2020, arXiv 1910.02054, section 3.1)."""


@dataclass(frozen=True, slots=True)
class Trained:
    """Numbers that are trained.

    Attributes:
        numbers: how many.
        bytes: of one copy of them, as they are held.
        edges: sum of rows and columns over all their matrices, for Adafactor.
        adapter: whether they come on top of the weights of the model.
    """

    numbers: int
    bytes: int
    edges: int
    adapter: bool


def trained(shape: Shape, recipe: Mapping[str, Any]) -> Trained:
    """An adapter's numbers, in 32 bits as peft holds them; else all of the model."""
    if recipe.get("adapter"):
        rank = int(recipe.get("lora_r") or 8)
        found = targets(shape, recipe)
        saved = _saved_modules(shape, recipe.get("lora_modules_to_save") or [])
        numbers = lora_numbers(found, rank) + sum(saved)
        edges = sum(
            each.count * (each.inputs + each.outputs + 2 * rank) for each in found
        )
        return Trained(numbers, numbers * FLOAT, edges, True)
    inside = sum(each.parameters for each in shape.linears)
    rest = shape.parameters - inside
    held = inside * precision(recipe) + rest * rest_precision(recipe)
    edges = sum(each.count * (each.inputs + each.outputs) for each in shape.linears)
    tables = 1 + bool(shape.head)
    edges += tables * (shape.vocab + shape.hidden)
    return Trained(shape.parameters, held, edges, False)


def lora_numbers(linears: list[Linear], rank: int) -> int:
    """Two matrices for each layer: rank x inputs and outputs x rank (Hu et al. 2021,
    arXiv 2106.09685)."""
    return sum(each.count * rank * (each.inputs + each.outputs) for each in linears)


def targets(shape: Shape, recipe: Mapping[str, Any]) -> list[Linear]:
    """The layers that LoRA adapts, matched by name as peft does."""
    wanted = recipe.get("lora_target_modules") or []
    if recipe.get("lora_target_linear"):
        return list(shape.linears)
    if isinstance(wanted, str):
        return [each for each in shape.linears if re.fullmatch(wanted, each.path)]
    return [
        each
        for each in shape.linears
        if any(each.path == name or each.path.endswith(f".{name}") for name in wanted)
    ]


def gradient_bytes(found: Trained) -> int:
    """One number for each that is trained, held as it is."""
    return found.bytes


def optimizer_bytes(found: Trained, recipe: Mapping[str, Any]) -> int:
    """The optimizer's states."""
    if recipe.get("deepspeed"):
        return MASTER_BYTES * found.numbers
    name = str(recipe.get("optimizer") or "adamw_torch_fused")
    if name == "adafactor":
        return FLOAT * found.edges
    if name in STATE_BYTES:
        return int(STATE_BYTES[name] * found.numbers)
    return STATES.get(name, 2) * found.bytes


def optimizer_known(recipe: Mapping[str, Any]) -> bool:
    """Whether its states are known here; others are taken for AdamW's."""
    name = str(recipe.get("optimizer") or "adamw_torch_fused")
    return name == "adafactor" or name in STATE_BYTES or name in STATES


def _saved_modules(shape: Shape, names: list[str]) -> list[int]:
    """Numbers of the embedding and the head, where copies of them are trained."""
    table = shape.vocab * shape.hidden
    return [table for name in names if name.split(".")[-1] in TABLES]


TABLES = ("embed_tokens", "lm_head", "wte", "shared")
