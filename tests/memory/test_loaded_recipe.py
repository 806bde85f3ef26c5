"""Bytes of weights and adapters, against models that Axolotl really prepares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bitsandbytes
import pytest
import torch
from axolotl.loaders import ModelLoader
from axolotl.loaders.adapter import load_adapter
from axolotl.utils.dict import DictDefault
from bitsandbytes.nn.parametrize import replace_parameter_4bit
from transformers import AutoConfig, AutoModelForCausalLM, BitsAndBytesConfig

from axolotl_explain.memory import model_config
from axolotl_explain.memory.loaded_recipe import load
from axolotl_explain.memory.weights import Weight, weight_bytes

WIDTHS = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "vocab_size": 320,
    "pad_token_id": 0,
}
EXPERTS = {"num_local_experts": 4, "num_experts": 4, "num_experts_per_tok": 2}
KINDS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("llama", "qwen2", "gemma2", "granite"), WIDTHS),
    **{kind: {**WIDTHS, **EXPERTS} for kind in ("mixtral", "gpt_oss")},
    "qwen3_moe": {**WIDTHS, **EXPERTS, "moe_intermediate_size": 96},
    "gpt2": {"n_embd": 64, "n_layer": 2, "n_head": 4, "vocab_size": 320},
    "gpt_neox": {key: WIDTHS[key] for key in WIDTHS if "key_value" not in key},
}
RANK = {"lora_r": 4, "lora_alpha": 8, "lora_dropout": 0.0}
LINEAR = {**RANK, "lora_target_linear": True}
HOW: dict[str, dict[str, Any]] = {
    "full": {},
    "full, flash": {"attn_implementation": "flash_attention_2"},
    "lora": {"adapter": "lora", **LINEAR},
    "lora, 8 bits": {"adapter": "lora", "load_in_8bit": True, **LINEAR},
    "qlora": {"adapter": "qlora", "load_in_4bit": True, **LINEAR},
    "single scales": {
        **{"adapter": "qlora", "load_in_4bit": True, **LINEAR},
        "bnb_config_kwargs": {"bnb_4bit_use_double_quant": False},
    },
    "tables too": {
        **{"adapter": "lora", **LINEAR},
        "lora_modules_to_save": ["embed_tokens", "lm_head"],
    },
    "dora": {"adapter": "lora", "peft_use_dora": True, **LINEAR},
    "first layer": {"adapter": "lora", "peft_layers_to_transform": [0], **LINEAR},
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Kind -> folder of a tiny model, made once."""
    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            config = AutoConfig.for_model(kind, **KINDS[kind])
            AutoModelForCausalLM.from_config(config).save_pretrained(made[kind])
        return made[kind]

    return folder


def prepared(recipe: dict[str, Any]) -> Any:
    """The model as Axolotl loads, casts and adapts it."""
    cfg = DictDefault(recipe)
    cfg.model_config_type = AutoConfig.from_pretrained(cfg.base_model).model_type
    cfg.torch_dtype = torch.bfloat16
    cfg.attn_needs_dtype_cast = recipe.get("attn_implementation") is not None
    loader = object.__new__(ModelLoader)
    loader.cfg, loader.model_kwargs, loader.reference_model = cfg, {}, False
    loader.model_config = AutoConfig.from_pretrained(cfg.base_model)
    loader._set_quantization_config()
    asked: BitsAndBytesConfig | None = loader.model_kwargs.get("quantization_config")
    loader.model = AutoModelForCausalLM.from_pretrained(
        cfg.base_model, dtype=torch.bfloat16, quantization_config=asked
    )
    loader._configure_embedding_dtypes()
    return load_adapter(loader.model, cfg, cfg.adapter)[0]


def state_tensors(state: Any) -> list[torch.Tensor]:
    """All tensors that a 4-bit weight keeps beside its packed values."""
    found = [value for value in vars(state).values() if isinstance(value, torch.Tensor)]
    return found + (state_tensors(state.state2) if state.state2 else [])


def real_bytes(model: Any, trained: bool) -> int:
    """Of all parameters that are trained, or of all that are not, with their scales."""
    held: list[torch.Tensor] = []
    for one in model.parameters():
        if one.requires_grad != trained:
            continue
        held.append(one.data)
        if isinstance(one, bitsandbytes.nn.Params4bit):
            held += state_tensors(one.quant_state)
        if isinstance(one, bitsandbytes.nn.Int8Params):
            held.append(one.SCB)
    return sum(one.numel() * one.element_size() for one in held)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("kind", KINDS)
def test_weights_take_what_they_take_in_axolotl(
    kind: str, how: str, folders: Any
) -> None:
    keys = HOW[how]
    if kind == "gpt2":
        keys = {**keys, "lora_fan_in_fan_out": True}
        if keys.get("lora_target_linear"):
            keys |= {"lora_target_linear": False, "lora_target_modules": ["c_attn"]}
        if keys.get("lora_modules_to_save"):
            keys |= {"lora_modules_to_save": ["wte"]}
    if kind == "gpt_neox" and keys.get("lora_modules_to_save"):
        keys = {**keys, "lora_modules_to_save": ["embed_in", "embed_out"]}
    recipe = {"base_model": str(folders(kind)), "bf16": True, **keys}
    model = prepared(recipe)
    found = load({**recipe, "sequence_len": 16}, model_config(recipe))
    assert sum(each.bytes() for each in found.trained) == real_bytes(model, True)
    if recipe.get("adapter"):
        assert weight_bytes(found.base, recipe) == real_bytes(model, False)
    else:
        assert found.base == found.trained


def test_experts_stay_whole_unless_axolotl_is_told_to_quantise_them() -> None:
    config = {"model_type": "mixtral", **KINDS["mixtral"]}
    recipe = {"adapter": "qlora", "load_in_4bit": True, "bf16": True}
    recipe |= {"lora_target_modules": ["q_proj"], "sequence_len": 16}

    def experts(keys: dict[str, Any]) -> set[tuple[str, int]]:
        base = load({**recipe, **keys}, config).base
        return {(one.held, one.width) for one in base if "experts" in one.path}

    assert experts({}) == {("plain", 4)}
    assert {held for held, _ in experts({"quantize_moe_experts": True})} == {"nf4"}


def experts_of_mixtral(recipe: dict[str, Any]) -> list[Weight]:
    """Those of the first layer, quantised."""
    asked = {"bf16": True, "quantize_moe_experts": True, "sequence_len": 16, **recipe}
    asked |= {"lora_target_modules": ["q_proj"]}
    base = load(asked, {"model_type": "mixtral", **KINDS["mixtral"]}).base
    return [one for one in base if "layers.0.mlp.experts" in one.path]


def real_experts() -> Any:
    config = AutoConfig.for_model("mixtral", **KINDS["mixtral"])
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    return model.model.layers[0].mlp.experts


def test_experts_in_four_bits_take_what_bitsandbytes_makes_of_them() -> None:
    experts = real_experts()
    for name in ("gate_up_proj", "down_proj"):
        replace_parameter_4bit(
            experts, name, compress_statistics=True, quant_type="nf4"
        )
    held = [one.data for one in experts.parameters()]
    for (part,) in experts.parametrizations.values():
        held += state_tensors(part.quant_state)
    recipe = {"adapter": "qlora", "load_in_4bit": True}
    found = weight_bytes(experts_of_mixtral(recipe), recipe)
    assert found == sum(one.numel() * one.element_size() for one in held)


def test_experts_in_eight_bits_have_a_scale_for_each_row() -> None:
    held = []
    for weight in real_experts().parameters():
        rows = weight.data.reshape(-1, weight.shape[-1]).half()
        held += bitsandbytes.functional.int8_vectorwise_quant(rows)[:2]
    found = weight_bytes(
        experts_of_mixtral({"adapter": "lora", "load_in_8bit": True}), {}
    )
    assert found == sum(one.numel() * one.element_size() for one in held)
