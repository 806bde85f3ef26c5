"""Recipes that end well and train nothing, or something else than their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError

ADAPTERS = ("lora", "qlora")


def refuse_nothing_trained(recipe: Mapping[str, Any], entries: Sequence[str]) -> None:
    """Refuse what would not make one step, or not on the datasets of the recipe.

    Args:
        entries: the key paths of the dataset entries that are ours.

    Raises:
        ExplainError: with the key and the way out.
    """
    _refuse_no_steps(recipe)
    trained = next((one for one in entries if one.startswith("datasets[")), None)
    if trained and recipe.get("pretraining_dataset"):
        raise ExplainError(
            f"{trained}: with pretraining_dataset, Axolotl trains on that alone and "
            "never reads datasets; remove pretraining_dataset, or train in two recipes."
        )


def _refuse_no_steps(recipe: Mapping[str, Any]) -> None:
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
