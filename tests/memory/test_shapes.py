"""Parameters counted from a config, against the model that transformers makes of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from transformers import AutoConfig

from axolotl_explain import ExplainError
from axolotl_explain.catalog.shipped_recipes import shipped_recipes
from axolotl_explain.memory.models import MODELS
from axolotl_explain.memory.shapes import shape_of

MAKERS = {"gemma3": "AutoModelForImageTextToText", "t5": "AutoModelForSeq2SeqLM"}


def on_meta(config: dict[str, Any]) -> Any:
    """The model in full size, without memory for its weights."""
    keys = dict(config)
    if keys["model_type"] == "t5":
        keys["feed_forward_proj"] = "gated-gelu" if keys["is_gated_act"] else "relu"
    made = AutoConfig.for_model(**keys)
    maker = getattr(
        transformers, MAKERS.get(keys["model_type"], "AutoModelForCausalLM")
    )
    with torch.device("meta"):
        return maker.from_config(made)


@pytest.mark.parametrize("name", MODELS)
def test_each_known_model_has_the_parameters_that_transformers_makes(name: str) -> None:
    config, shape = MODELS[name], shape_of(MODELS[name])
    model = on_meta(config)
    expected = sum(weights.numel() for weights in model.parameters())
    # transformers makes every T5 with a shared head; Flan-T5 brings one of its own.
    expected += shape.head if config["model_type"] == "t5" else 0
    assert shape.parameters == expected


@pytest.mark.parametrize("name", MODELS)
def test_every_linear_layer_is_found_by_its_name_and_size(name: str) -> None:
    config = MODELS[name]
    modules = dict(on_meta(config).named_modules())
    for linear in shape_of(config).linears:
        rows, columns = modules[linear.path].weight.shape
        assert {rows, columns} == {linear.inputs, linear.outputs}
        assert (modules[linear.path].bias is not None) == linear.bias


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("meta-llama/Llama-3.1-8B", 8_030_261_248),
        ("Qwen/Qwen3-8B", 8_190_735_360),
        ("google/gemma-3-4b-it", 4_300_079_472),
        ("microsoft/Phi-4-mini-instruct", 3_836_021_760),
        ("openai-community/gpt2", 124_439_808),
        ("google/flan-t5-small", 76_961_152),
    ],
)
def test_the_count_is_the_published_one(name: str, published: int) -> None:
    assert shape_of(MODELS[name]).parameters == published


def test_every_shipped_recipe_for_a_gpu_names_a_model_of_known_shape() -> None:
    named = {
        one.recipe["base_model"]
        for one in shipped_recipes()
        if one.header.hardware.gpus
    }
    assert named <= set(MODELS)


def test_an_unknown_architecture_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(
        ExplainError, match="'mamba' models is not estimated; known are"
    ):
        shape_of({"model_type": "mamba"})
