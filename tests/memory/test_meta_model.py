"""Parameters of models in full size, against published counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain import ExplainError
from axolotl_explain.catalog.shipped_recipes import shipped_recipes
from axolotl_explain.memory.adapter import adapted
from axolotl_explain.memory.known_models import MODELS
from axolotl_explain.memory.meta_model import build_on_meta
from axolotl_explain.memory.weights import read

CONFIGS = Path(__file__).parent / "configs"
IN_KERAS_HUB = {
    "meta-llama/Llama-3.1-8B": 8_030_261_248,
    "meta-llama/Llama-3.1-8B-Instruct": 8_030_261_248,
    "Qwen/Qwen3-0.6B": 596_049_920,
    "Qwen/Qwen3-8B": 8_190_735_360,
    "Qwen/Qwen3-8B-Base": 8_190_735_360,
    "Qwen/Qwen3-32B": 32_762_123_264,
    "mistralai/Mistral-7B-v0.3": 7_248_023_552,
    # As Magistral Small 2506, which is tuned from the text part of a later release.
    "mistralai/Mistral-Small-24B-Instruct-2501": 23_572_403_200,
    # Without the layer that foretells a second token, which transformers leaves out.
    "Qwen/Qwen3.5-4B": 4_539_265_536,
    "Qwen/Qwen3.5-9B": 9_409_813_744,
    "Qwen/Qwen3.5-35B-A3B": 35_107_181_936,
    "google/gemma-3-270m": 268_098_176,
    # As MedGemma 4B: the preset of Gemma 3 itself leaves out 64 tokens of the table.
    "google/gemma-3-4b-it": 4_300_079_472,
    "openai/gpt-oss-20b": 20_914_757_184,
    "openai-community/gpt2": 124_439_808,
    "google-t5/t5-small": 60_506_624,
    "google-t5/t5-base": 222_903_552,
    "google-t5/t5-large": 737_668_096,
    "google/flan-t5-small": 76_961_152,
    "google/flan-t5-base": 247_577_856,
    "google/flan-t5-large": 783_150_080,
    "google/flan-t5-xl": 2_849_757_184,  # as T5 1.1 XL, which it is tuned from
}
"""`params` in keras-team/keras-hub on GitHub, `keras_hub/src/models/*/*_presets.py`."""
IN_THE_WEIGHTS = {
    # 1.23 B in MODEL_CARD.md of meta-llama/llama-models, its head tied to the table.
    "meta-llama/Llama-3.2-1B": 1_235_814_400,
    "meta-llama/Llama-3.2-1B-Instruct": 1_235_814_400,
    "meta-llama/Llama-3.3-70B-Instruct": 70_553_706_496,
    "microsoft/Phi-4-mini-instruct": 3_836_021_760,
    "HuggingFaceTB/SmolLM2-135M": 134_515_008,
    "HuggingFaceTB/SmolLM2-1.7B-Instruct": 1_711_376_384,
    "HuggingFaceTB/SmolLM3-3B-Base": 3_075_098_624,
    # The file has 35 more, one a layer, which transformers holds as buffers.
    "google/gemma-4-E2B-it": 5_104_297_504,
    # About 370 M in its announcement, which leaves out the 417 M that read pictures.
    "google/t5gemma-2-270m-270m": 786_029_296,
    # About 3.8 B in docs/models/mistral/ministral3.md of NVIDIA-NeMo/Megatron-Bridge.
    "mistralai/Ministral-3-3B-Reasoning-2512": 3_849_090_048,
    "allenai/Olmo-3-7B-Instruct": 7_298_011_136,
    "ibm-granite/granite-4.0-h-tiny": 6_939_037_248,
    "LiquidAI/LFM2-350M": 354_483_968,  # in its model card, too
    "qwen2.5-7b": 7_615_616_512,
    "gemma-2-9b": 9_241_705_984,
    "mixtral-8x7b": 46_702_792_704,
    "qwen3-30b-a3b": 30_532_122_624,
    "gpt-oss-20b": 20_914_757_184,
    "granite-3.1-8b": 8_170_848_256,
}
"""As the index of the published weights counts them, each weight once."""
PUBLISHED = {**IN_KERAS_HUB, **IN_THE_WEIGHTS}
SEQ2SEQ = {"model_type": "AutoModelForSeq2SeqLM"}


def config_of(name: str) -> dict[str, Any]:
    if name in MODELS:
        return MODELS[name]
    found: dict[str, Any] = json.loads((CONFIGS / f"{name}.json").read_text("utf-8"))
    return found


def built(name: str) -> Any:
    both = config_of(name)["model_type"] in ("t5", "t5gemma2")
    recipe = SEQ2SEQ if both else {}
    return build_on_meta({"bf16": True, **recipe}, config_of(name))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_count_is_the_published_one(name: str) -> None:
    model = built(name)
    found = sum(each.numbers for each in read(model, {}))
    assert found == PUBLISHED[name] == model.num_parameters()


def test_every_known_model_has_a_published_count() -> None:
    others = {path.stem for path in CONFIGS.glob("*.json")}
    assert set(MODELS) | others == set(PUBLISHED)


def test_every_shipped_recipe_for_a_gpu_names_a_model_of_known_shape() -> None:
    named = {
        one.recipe["base_model"]
        for one in shipped_recipes()
        if one.header.hardware.gpus
    }
    assert named <= set(MODELS)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"model_type": "nosuch"}, "Unrecognized model identifier"),
        ({"model_type": "clip_vision_model"}, "Unrecognized configuration class"),
        ({"model_type": "llama", "hidden_size": "wide"}, "hidden_size"),
        ({}, "model_type"),
    ],
)
def test_what_cannot_be_built_is_refused_in_one_line(
    config: dict[str, Any], why: str
) -> None:
    with pytest.raises(ExplainError, match="is not estimated") as caught:
        build_on_meta({}, config)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_recipe_overrides_of_the_config_counts() -> None:
    recipe = {"overrides_of_model_config": {"num_hidden_layers": 2}}
    model = build_on_meta(recipe, config_of("qwen2.5-7b"))
    assert len(model.model.layers) == 2


def test_a_model_that_takes_images_is_built_with_its_tower_as_axolotl_does() -> None:
    paths = {each.path for each in read(built("google/gemma-3-4b-it"), {})}
    assert any("vision_tower" in path for path in paths)
    assert any("language_model" in path for path in paths)


def test_a_pattern_that_fits_nothing_is_refused_in_the_words_of_the_recipe() -> None:
    recipe = {"adapter": "lora", "lora_target_modules": ["no_such"]}
    with pytest.raises(ExplainError, match="lora_target_modules: peft cannot adapt"):
        adapted(built("qwen2.5-7b"), recipe)
