"""The estimate of memory, against what torch tracks of a step on fake tensors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from axolotl_explain.catalog.shipped_recipes import shipped_recipe
from axolotl_explain.memory import estimate, model_config
from benchmarks import memory_peaks
from benchmarks.fake_depth import tracked, with_blocks

LLAMA = {
    "model_type": "llama",
    "hidden_size": 256,
    "intermediate_size": 768,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "num_hidden_layers": 4,
}
GPT2 = {"model_type": "gpt2", "n_embd": 256, "n_layer": 4, "n_head": 4}
T5 = {
    **{"model_type": "t5", "d_model": 256, "d_kv": 64, "d_ff": 768, "num_heads": 4},
    **{"num_layers": 4, "num_decoder_layers": 4},
}
LORA = {"adapter": "lora", "lora_r": 16, "lora_alpha": 32, "lora_dropout": 0.0}
LINEAR = {**LORA, "lora_target_linear": True}
QLORA = {**LINEAR, "adapter": "qlora", "load_in_4bit": True}
FLASH = {"attn_implementation": "flash_attention_2"}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "full": (LLAMA, {"gradient_checkpointing": True, **FLASH}),
    "full, all kept": (LLAMA, {"optimizer": "adamw_8bit"}),
    "lora, tied": ({**LLAMA, "tie_word_embeddings": True}, {**LINEAR, **FLASH}),
    "qlora": (LLAMA, {**QLORA, **FLASH, "gradient_checkpointing": True}),
    "qlora, loss": (LLAMA, {**QLORA, **FLASH, "explain": {"loss": {}}}),
    "8 bits": (LLAMA, {**LINEAR, **FLASH, "load_in_8bit": True}),
    "gpt2": (
        GPT2,
        {**LORA, "lora_target_modules": ["c_attn"], "lora_fan_in_fan_out": True},
    ),
    "t5": (T5, {"model_type": "AutoModelForSeq2SeqLM", "optimizer": "adafactor"}),
}
SHARED = {"fsdp_version": 2, "fsdp_config": {"activation_checkpointing": True}}


def recipe_of(config: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {
        "base_model": "made",
        "scratch_model": {"config": config, "vocab_size": 4_096},
        "explain": {},
        "optimizer": "adamw_torch_fused",
        "micro_batch_size": 2,
        "sequence_len": 512,
        "gradient_accumulation_steps": 2,
        "bf16": True,
        **keys,
    }


def assert_near(found: dict[str, list[int]], off: float) -> None:
    for part, (said, seen) in found.items():
        assert said == pytest.approx(seen, rel=off, abs=2**16), part


@pytest.mark.parametrize("case", CASES)
def test_each_part_is_within_a_tenth_of_what_is_tracked(case: str) -> None:
    config, keys = CASES[case]
    assert_near(memory_peaks.compare(recipe_of(config, **keys)), 0.1)


@pytest.mark.parametrize("keys", [{}, QLORA], ids=["full", "qlora"])
def test_a_share_of_two_cards_is_near_what_is_tracked(keys: dict[str, Any]) -> None:
    """Of so small a model, weights that are gathered are much of the activations."""
    recipe = recipe_of(LLAMA, **keys, **SHARED, **FLASH)
    found = memory_peaks.compare(recipe, 2)
    assert_near({"activations": found.pop("activations")}, 0.2)
    assert_near(found, 0.1)


def test_two_shallow_models_tell_what_the_whole_one_does() -> None:
    recipe = recipe_of(LLAMA, gradient_checkpointing=True, **FLASH)
    config = model_config(recipe)
    assert tracked(recipe, config) == tracked(recipe, config, whole=True)


def test_blocks_of_text_are_cut_beside_those_of_pictures() -> None:
    inside = {"num_hidden_layers": 34, "hidden_size": 8}
    config = {"text_config": inside, "vision_config": {"num_hidden_layers": 27}}
    assert with_blocks(config, 2) == {
        "text_config": {"num_hidden_layers": 2, "hidden_size": 8},
        "vision_config": {"num_hidden_layers": 27},
    }


def test_the_page_has_the_tables_of_what_was_found() -> None:
    found = json.loads(memory_peaks.FOUND.read_text("utf-8"))
    page = memory_peaks.PAGE.read_text("utf-8")
    for way in (memory_peaks.AS_SHIPPED, memory_peaks.SWITCHED):
        assert f"<!-- {way} -->\n{memory_peaks.table(found, way)}" in page
    assert set(found) <= {one.name for one in memory_peaks.trackable()}


def test_the_page_shows_the_estimates_that_are_made_now() -> None:
    name = "qwen3/full-0.6b"
    recipe = shipped_recipe(name).recipe
    said = memory_peaks.estimated(estimate(recipe, model_config(recipe)))
    found = json.loads(memory_peaks.FOUND.read_text("utf-8"))[name]
    kept = found[memory_peaks.AS_SHIPPED]
    parts = memory_peaks.PARTS
    assert [kept[part][0] for part in parts] == [said.get(part, 0) for part in parts]
    assert kept["all"][0] == sum(said.values())
