"""The table of learning rates, against the recipes that were written with care."""

from __future__ import annotations

import pytest

from axolotl_explain.catalog.learning_rates import learning_rate
from axolotl_explain.catalog.model_facts import model_facts
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE

PRETRAINED = [one for one in shipped_recipes() if "scratch_model" not in one.recipe]


@pytest.mark.parametrize("entry", PRETRAINED, ids=lambda entry: entry.name)
def test_every_shipped_recipe_of_a_pretrained_model_keeps_to_it(
    entry: ShippedRecipe,
) -> None:
    size = model_facts(entry.recipe["base_model"]).parameters
    assert size is not None
    rate = learning_rate(entry.recipe, size)
    assert rate.value == entry.recipe["learning_rate"]


LORA = {"adapter": "lora"}
QLORA = {"adapter": "qlora", "load_in_4bit": True}
BOTH = {"model_type": MODEL_TYPE}


@pytest.mark.parametrize(
    ("recipe", "size", "rate", "words"),
    [
        ({}, 1e8, 1e-4, "full fine-tuning of a model below 0.5 billion parameters"),
        ({}, 1e9, 2e-5, "full fine-tuning of a model of 0.5 to 4 billion parameters"),
        ({}, 8e9, 1e-5, "full fine-tuning of a model from 4 billion parameters on"),
        ({}, None, 2e-5, "full fine-tuning of a model of 0.5 to 4 billion parameters"),
        (LORA, 9.9e9, 2e-4, "LoRA of a model below 10 billion parameters"),
        (QLORA, 1e10, 1e-4, "QLoRA of a model from 10 billion parameters on"),
        (LORA, None, 2e-4, "LoRA of a model below 10 billion parameters"),
        (BOTH, 6e7, 3e-4, "full fine-tuning of an encoder–decoder"),
        (
            {**BOTH, "optimizer": "adafactor"},
            6e7,
            1e-3,
            "full fine-tuning of an encoder–decoder",
        ),
        (
            {**BOTH, **LORA},
            3e9,
            3e-4,
            "LoRA of an encoder–decoder from 1 billion parameters on",
        ),
    ],
)
def test_it_goes_by_method_and_size(
    recipe: dict[str, object], size: float | None, rate: float, words: str
) -> None:
    found = learning_rate(recipe, size)
    assert (found.value, found.holds_for) == (rate, words)
