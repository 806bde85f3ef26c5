"""A whole estimate, against published numbers; cards; the shipped recipes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain import ExplainError
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes
from axolotl_explain.memory import Estimate, estimate, model_config
from axolotl_explain.memory.known_models import MODELS

GIB = 2**30
ON_GPU = [entry for entry in shipped_recipes() if entry.header.hardware.gpus]
LLAMA = MODELS["meta-llama/Llama-3.1-8B"]
FULL: dict[str, Any] = {
    "bf16": True,
    "attn_implementation": "flash_attention_2",
    "optimizer": "adamw_torch",
    "sequence_len": 1_000,
    "gradient_checkpointing": True,
}
PUBLISHED = 8_030_261_248
CONFIGS = sorted((Path(__file__).parent / "configs").glob("*.json"))
ROOM = 0.95
"""An estimate may take so much of the card that a recipe names."""


def sizes(found: Estimate) -> dict[str, int]:
    return {item.name: item.bytes for item in found.items}


def test_a_full_fine_tune_has_all_numbers_four_times_in_16_bits() -> None:
    found = sizes(estimate(FULL, LLAMA))
    assert found["weights"] == found["gradients"] == 2 * PUBLISHED
    assert found["optimizer"] == 2 * 2 * PUBLISHED
    assert set(found) == {
        *("weights", "gradients", "optimizer", "activations", "logits", "overlap"),
        "overhead",
    }


def test_an_adapter_alone_has_gradients_and_states() -> None:
    recipe = {**FULL, "adapter": "lora", "lora_r": 16, "lora_target_linear": True}
    found = estimate(recipe, LLAMA)
    # As peft's print_trainable_parameters says for Llama 3.1 8B with r=16.
    assert found.trained == 41_943_040
    assert sizes(found)["adapter"] == sizes(found)["gradients"] == 4 * found.trained
    assert sizes(found)["optimizer"] == 8 * found.trained


def test_room_is_left_for_the_context_and_for_the_allocator() -> None:
    """PyTorch holds a twentieth more than it is asked for, CUDA half a gigabyte."""
    small = estimate({**FULL, "sequence_len": 500}, LLAMA)
    large = estimate({**FULL, "sequence_len": 8_000}, LLAMA)
    beyond = [sizes(one)["overhead"] for one in (small, large)]
    asked = [one.total - own for one, own in zip((small, large), beyond, strict=True)]
    grown = (beyond[1] - beyond[0]) / (asked[1] - asked[0])
    assert 0.05 <= grown <= 0.15
    assert 0.5 * GIB <= beyond[0] - grown * asked[0] <= 1 * GIB


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("adapter", [None, "lora", "qlora"])
def test_a_folder_of_any_architecture_is_estimated(
    path: Path, adapter: str | None, tmp_path: Path
) -> None:
    shutil.copy(path, tmp_path / "config.json")
    recipe = {**FULL, "base_model": str(tmp_path), "sequence_len": 64}
    if adapter:
        recipe |= {"adapter": adapter, "lora_target_linear": True}
        recipe |= {"load_in_4bit": adapter == "qlora"}
    found = estimate(recipe, model_config(recipe))
    assert "rule of thumb" not in found.table()
    assert found.parameters > found.trained or not adapter
    if "experts" in path.read_text("utf-8") and adapter == "qlora":
        assert "% in 32 bits" in found.table().splitlines()[0]


def test_a_file_that_is_quantised_otherwise_is_refused() -> None:
    config = {**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4}}
    with pytest.raises(ExplainError, match=r"base_model: .*'gptq'.* not estimated"):
        estimate(FULL, config)


@pytest.mark.parametrize(
    ("keys", "shared"),
    [
        ({"deepspeed": "deepspeed_configs/zero1.json"}, {"optimizer"}),
        ({"deepspeed": "deepspeed_configs/zero2.json"}, {"optimizer", "gradients"}),
        (
            {"deepspeed": {"zero_optimization": {"stage": 3}}},
            {"optimizer", "gradients", "weights"},
        ),
        (
            {"fsdp_version": 2, "fsdp_config": {"reshard_after_forward": True}},
            {
                "optimizer",
                "gradients",
                "weights",
            },
        ),
        ({}, set()),
    ],
)
def test_cards_share_what_their_sharding_shares(
    keys: dict[str, Any], shared: set[str]
) -> None:
    one = sizes(estimate({**FULL, **keys}, LLAMA))
    four = sizes(estimate({**FULL, **keys}, LLAMA, gpus=4))
    parts = ("weights", "gradients", "optimizer")
    assert {name for name in parts if four[name] == one[name] // 4} == shared
    assert {name for name in parts if four[name] == one[name]} == set(parts) - shared
    assert four.get("buffers", 0) > 0 if "weights" in shared else "buffers" not in four


def test_what_is_offloaded_takes_no_card() -> None:
    zero = {"deepspeed": "deepspeed_configs/zero3_bf16_cpuoffload_all.json"}
    found = sizes(estimate({**FULL, **zero}, LLAMA, gpus=2))
    assert found["weights"] == found["optimizer"] == 0
    fsdp = {"fsdp_config": {"offload_params": True}}
    found = sizes(estimate({**FULL, **fsdp}, LLAMA, gpus=2))
    assert found["weights"] == found["gradients"] == found["optimizer"] == 0


def test_the_workers_of_ray_are_the_cards() -> None:
    assert estimate({**FULL, "use_ray": True, "ray_num_workers": 4}, LLAMA).gpus == 4


def test_an_optimizer_that_is_not_known_is_said_to_be_taken_for_adamw() -> None:
    table = estimate({**FULL, "optimizer": "came_pytorch"}, LLAMA).table()
    assert "came_pytorch, taken for AdamW" in table


def test_the_table_has_a_line_for_each_part_and_the_total() -> None:
    found = estimate(FULL, LLAMA)
    lines = found.table().splitlines()
    assert [line.split()[0] for line in lines] == [*sizes(found), "total"]
    assert lines[-1].split()[1] == f"{found.total / GIB:.2f}"
    assert lines[0].split()[1] == f"{2 * PUBLISHED / GIB:.2f}"


@pytest.mark.parametrize("entry", ON_GPU, ids=lambda entry: entry.name)
def test_recipes_fit_the_card_that_their_header_names(entry: ShippedRecipe) -> None:
    hardware = entry.header.hardware
    found = estimate(entry.recipe, model_config(entry.recipe), hardware.gpus)
    assert found.fits(ROOM * hardware.memory), found.table()
    asked = "mamba-ssm" in entry.path.read_text("utf-8")
    assert ("scans by mamba-ssm" in found.table()) == asked


def test_a_folder_is_read_by_its_config(tmp_path: Path) -> None:
    keys = {"model_type": "gpt2", "n_layer": 2, "n_embd": 8, "n_head": 2}
    (tmp_path / "config.json").write_text(json.dumps(keys), "utf-8")
    recipe = {**FULL, "base_model": str(tmp_path)}
    block = 8 * 24 + 24 + 8 * 8 + 8 + 8 * 32 + 32 + 32 * 8 + 8 + 4 * 8
    assert estimate(recipe, model_config(recipe)).parameters == (
        50_257 * 8 + 1_024 * 8 + 2 * block + 2 * 8
    )


def test_a_model_made_on_the_spot_is_read_by_its_block() -> None:
    block = {"config": {"model_type": "gpt2", "n_layer": 1, "n_embd": 8, "n_head": 2}}
    recipe = {"base_model": "nowhere", "scratch_model": {**block, "vocab_size": 100}}
    assert model_config(recipe)["vocab_size"] == 100


def test_a_model_that_cannot_be_had_is_refused_by_name() -> None:
    with pytest.raises(ExplainError, match="base_model: the config of no/such cannot"):
        model_config({"base_model": "no/such"})
