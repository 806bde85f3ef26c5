"""Mixtures of experts whose experts an adapter leaves as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

EXPERTS = ".experts."
FUSED = ("gate_up_proj", "down_proj", "gate_proj", "up_proj", "w1", "w2", "w3")
"""What experts call their weights."""


def means_experts(recipe: Mapping[str, Any]) -> bool:
    """Whether an adapter is asked for on layers that experts consist of."""
    if recipe.get("adapter") not in ("lora", "qlora"):
        return False
    named = recipe.get("lora_target_modules") or []
    names = [named] if isinstance(named, str) else [str(name) for name in named]
    wanted = any(name.rpartition(".")[2] in FUSED for name in names)
    return bool(recipe.get("lora_target_linear") or wanted)


def frozen_experts(weights: Iterable[tuple[str, int, bool]]) -> str:
    """What stays frozen, as a message says it; empty where experts are adapted.

    Args:
        weights: (name, numbers in it, whether it is trained) of an adapted model.
    """
    numbers, total, names = 0, 0, []
    for name, size, trained in weights:
        total += size
        if EXPERTS not in name:
            continue
        if trained:
            return ""
        numbers += size
        names.append(name.rpartition(".")[2])
    if not numbers:
        return ""
    targets = [f"mlp.experts.{name}" for name in dict.fromkeys(names) if name in FUSED]
    way = (
        f"; to adapt them, add lora_target_parameters: [{', '.join(targets)}] "
        "(lora_dropout has to be 0)"
        if targets
        else ""
    )
    return (
        f"{numbers / total:.0%} of the weights are those of experts, and the adapter "
        f"leaves them frozen{way}"
    )
