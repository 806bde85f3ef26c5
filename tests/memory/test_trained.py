"""What LoRA trains, against peft on tiny models."""

from __future__ import annotations

from typing import Any

import pytest
from axolotl.loaders.adapter import find_all_linear_names
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText

from axolotl_explain.memory.shapes import shape_of
from axolotl_explain.memory.trained import trained

WIDTHS = {
    "hidden_size": 32,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "vocab_size": 300,
    "pad_token_id": 0,
}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
    "num_channels": 3,
    "vision_use_head": False,
}
CONFIGS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("llama", "mistral", "qwen3", "smollm3", "gemma3_text"), WIDTHS),
    "phi3": WIDTHS,
    "gemma3": {"text_config": WIDTHS, "vision_config": VISION},
    "gpt2": {"n_embd": 32, "n_layer": 3, "n_head": 4, "vocab_size": 300},
}
LANGUAGE = r"model.language_model.layers.[\d]+.(mlp|self_attn).(up|down|q|v)_proj"
TARGETS: dict[str, list[Any]] = {
    "gpt2": [["c_attn"], ["c_proj", "c_fc"], ["attn.c_proj"]],
    "gemma3": [["q_proj", "fc1"], LANGUAGE],
}


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_lora_trains_as_many_numbers_as_peft(kind: str, place: int) -> None:
    default = [["down_proj"], ["v_proj", "down_proj"], ["o_proj", "gate_up_proj"]]
    chosen = TARGETS.get(kind, default)[min(place, len(TARGETS.get(kind, default)) - 1)]
    assert numbers(kind, {"lora_target_modules": chosen}) == by_peft(kind, chosen)


@pytest.mark.parametrize("kind", [kind for kind in CONFIGS if kind != "gpt2"])
def test_all_linear_layers_are_those_that_axolotl_finds(kind: str) -> None:
    names = find_all_linear_names(make(kind))
    assert numbers(kind, {"lora_target_linear": True}) == by_peft(kind, names)


def test_a_trained_copy_of_a_table_counts_in_full() -> None:
    names = ["embed_tokens", "lm_head"]
    recipe = {"lora_target_linear": True, "lora_modules_to_save": names}
    without = numbers("llama", {"lora_target_linear": True})
    assert numbers("llama", recipe) == without + 2 * 300 * 32


def make(kind: str) -> Any:
    config = AutoConfig.for_model(kind, **CONFIGS[kind])
    maker = AutoModelForImageTextToText if kind == "gemma3" else AutoModelForCausalLM
    return maker.from_config(config)


def by_peft(kind: str, targets: Any) -> int:
    model = get_peft_model(make(kind), LoraConfig(r=4, target_modules=targets))
    return sum(one.numel() for one in model.parameters() if one.requires_grad)


def numbers(kind: str, recipe: dict[str, Any]) -> int:
    shape = shape_of(AutoConfig.for_model(kind, **CONFIGS[kind]).to_dict())
    return trained(shape, {"adapter": "lora", "lora_r": 4, **recipe}).numbers
