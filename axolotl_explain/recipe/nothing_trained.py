"""Recipes that end well and train nothing, or something else than their rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError

ADAPTERS = ("lora", "qlora")


def refuse_no_steps(recipe: Mapping[str, Any]) -> None:
    """Refuse a number of epochs or steps at which no step is made.

    Raises:
        ExplainError: with the key and the way out.
    """
    steps, epochs = _number(recipe.get("max_steps")), _number(recipe.get("num_epochs"))
    if steps == 0:
        raise ExplainError(
            "max_steps: 0 is read as not set, so all epochs would be trained; remove "
            "the key, or give a number above 0."
        )
    if epochs is not None and epochs <= 0 and not (steps and steps > 0):
        raise ExplainError(
            f"num_epochs: {epochs:g} trains nothing; give a number above 0. To measure "
            "a model that is not trained, use `axolotl explain eval`."
        )


def refuse_beside_pretraining(recipe: Mapping[str, Any], where: str) -> None:
    """Refuse a dataset of ours that Axolotl would not read.

    Args:
        where: the key path of the dataset entry.

    Raises:
        ExplainError: with the ways out.
    """
    if recipe.get("pretraining_dataset"):
        raise ExplainError(
            f"{where}: with pretraining_dataset, Axolotl trains on that alone and "
            "never reads datasets; remove pretraining_dataset, or train in two recipes."
        )


def adapter_without_rank(recipe: Mapping[str, Any]) -> str:
    """What a new adapter lacks to be made, as an error says it; or empty."""
    if recipe.get("adapter") not in ADAPTERS or recipe.get("lora_model_dir"):
        return ""
    for key, usual in (("lora_r", 16), ("lora_alpha", 32)):
        value = _number(recipe.get(key))
        if value is None:
            return f"{key}: is not set, and an adapter needs it; add {key}: {usual}."
        if value <= 0:
            return f"{key}: {value:g} is no size of an adapter; such as {key}: {usual}."
    return ""


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
