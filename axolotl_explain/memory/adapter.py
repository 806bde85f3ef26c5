"""The adapter that a recipe trains, put on a model by peft itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory.weight_dtypes import embedding_names

PASSED_ON = {
    "lora_target_parameters": "target_parameters",
    "lora_modules_to_save": "modules_to_save",
    "lora_exclude_modules": "exclude_modules",
    "lora_rank_pattern": "rank_pattern",
    "lora_fan_in_fan_out": "fan_in_fan_out",
    "peft_use_dora": "use_dora",
    "peft_layers_to_transform": "layers_to_transform",
    "peft_layers_pattern": "layers_pattern",
    "peft_layer_replication": "layer_replication",
    "peft_trainable_token_indices": "trainable_token_indices",
    "peft_ensure_weight_tying": "ensure_weight_tying",
}
"""Key of a recipe -> field of peft's config, where it changes what is trained
(`_build_peft_lora_config` of Axolotl)."""


def adapted(model: Any, recipe: Mapping[str, Any]) -> Any:
    """The model with the recipe's adapter; without one, the model as it is.

    Raises:
        ExplainError: if peft cannot adapt what the recipe names.
    """
    if not recipe.get("adapter"):
        return model
    from peft import LoraConfig, get_peft_model

    fields = {PASSED_ON[key]: recipe[key] for key in PASSED_ON if recipe.get(key)}
    chosen = LoraConfig(
        r=int(recipe.get("lora_r") or 8),
        target_modules=targets(model, recipe),
        **fields,
    )
    try:
        return get_peft_model(model, chosen, low_cpu_mem_usage=True)
    except (ValueError, TypeError, AttributeError) as error:
        raise ExplainError(
            f"lora_target_modules: peft cannot adapt what the recipe names ({error})"
        ) from None


def targets(model: Any, recipe: Mapping[str, Any]) -> Any:
    """What peft is told to adapt: names, or one pattern."""
    wanted = recipe.get("lora_target_modules") or []
    if not recipe.get("lora_target_linear"):
        return wanted
    named = [wanted] if isinstance(wanted, str) else wanted
    return sorted({*named, *linear_names(model)})


def linear_names(model: Any) -> set[str]:
    """Last names of all linear layers but the head (`find_all_linear_names`).

    Experts that are one tensor of three dimensions are no linear layers.
    """
    from torch.nn import Linear

    found = {
        path.rpartition(".")[2]
        for path, module in model.named_modules()
        if isinstance(module, Linear) or "Linear" in type(module).__name__
    }
    return found - {embedding_names(model.config.model_type)[1]}
