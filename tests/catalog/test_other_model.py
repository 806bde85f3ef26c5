"""`recipes copy --model`: what changes with the model, and that it is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.catalog.copy_recipe import RecipeChanges, changed_text
from axolotl_explain.catalog.header import parse_header
from axolotl_explain.catalog.model_facts import model_facts, size_in_name
from axolotl_explain.catalog.shipped_recipes import shipped_recipe, shipped_recipes
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE

LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "vocab_size": 500,
}
HUGE = {**LLAMA, "hidden_size": 16_384, "intermediate_size": 262_144}
T5 = {"model_type": "t5", "d_model": 64, "d_ff": 64, "num_layers": 1, "vocab_size": 500}
TOY = re.compile(
    r"\b(tiny|random|toy|laptop|scratch|made on the spot|a minute)\b", re.I
)
MADE = [one.name for one in shipped_recipes() if "scratch_model" in one.recipe]


def folder(where: Path, config: dict[str, Any]) -> str:
    where.mkdir()
    (where / "config.json").write_text(json.dumps(config), "utf-8")
    return str(where)


def copied(name: str, model: str) -> tuple[str, dict[str, Any], str]:
    """Text, recipe and notes of a copy for another model."""
    changes = RecipeChanges(model=model)
    text, notes = changed_text(shipped_recipe(name), changes, Path("own.yml"))
    return text, yaml.safe_load(text), "\n".join(notes)


@pytest.mark.parametrize("name", MADE)
def test_a_real_model_in_place_of_a_toy_leaves_nothing_of_it(
    name: str, tmp_path: Path
) -> None:
    both = shipped_recipe(name).recipe.get("model_type") == MODEL_TYPE
    model = folder(tmp_path / "model", T5 if both else LLAMA)
    text, recipe, notes = copied(name, model)
    comments = " ".join(
        re.findall(r"#.*", text.replace(str(tmp_path), "").replace(name, ""))
    )
    assert not TOY.search(comments)
    old = yaml.safe_load(shipped_recipe(name).text)["learning_rate"]
    rate = {"cpu/lora": 0.0002, "cpu/qlora": 0.0002}.get(name, 0.0001)
    assert recipe["learning_rate"] == (0.0003 if both else rate)
    assert f"learning_rate: {old} -> {recipe['learning_rate']:.4f}. {old}" in notes
    assert "lr_groups" not in recipe
    header = parse_header(text, "own.yml")
    assert header.hardware.gpus == 0
    assert re.fullmatch(r"any CPU, \d+ GB of memory\.", header.needs)
    assert "estimated from the model's config" in notes


def test_a_model_that_nothing_is_known_of_is_said_to_be_so() -> None:
    text, recipe, notes = copied("cpu/lora", "my/model")
    assert recipe["learning_rate"] == 0.0002
    assert "my/model has a size that is not known; taken for a small one" in notes
    see = "memory: see `axolotl-explain check own.yml --memory GB`"
    header = parse_header(text, "own.yml")
    assert header.needs == f"any CPU, {see}."
    assert header.hardware.memory is None
    text, recipe, notes = copied("qwen3/qlora-8b", "my/model")
    assert recipe["learning_rate"] == 0.0002
    assert "learning_rate: 0.0002, as for Qwen/Qwen3-8B; my/model has a size" in notes
    assert parse_header(text, "own.yml").needs == f"one NVIDIA GPU ({see}), flash-attn."


def test_a_larger_model_takes_a_smaller_rate_and_a_larger_card(tmp_path: Path) -> None:
    model = folder(tmp_path / "model", HUGE)
    text, recipe, notes = copied("qwen3/qlora-8b", model)
    assert model_facts(model).size == "14 billion parameters"
    assert recipe["learning_rate"] == 0.0001
    assert (
        f"learning_rate: 0.0002 -> 0.0001. {model} has 14 billion parameters; QLoRA of "
        "a model from 10 billion parameters on takes 0.0001."
    ) in notes
    header = parse_header(text, "own.yml")
    assert header.title == f"QLoRA of {model}"
    assert header.hardware.memory is not None
    assert header.hardware.memory > 24
    assert header.needs.endswith(" GB (Ampere or newer), flash-attn.")


def test_a_model_of_like_size_keeps_the_rate_without_a_word(tmp_path: Path) -> None:
    model = folder(tmp_path / "model", LLAMA)
    _, recipe, notes = copied("qwen3/qlora-8b", model)
    assert recipe["learning_rate"] == 0.0002
    assert "learning_rate" not in notes
    assert "chat_template: chosen for Qwen/Qwen3-8B" in notes


def test_the_size_in_a_name_is_believed_and_said_to_be_from_there() -> None:
    _, recipe, notes = copied("qwen3/qlora-8b", "my/model-34B-chat")
    assert recipe["learning_rate"] == 0.0001
    assert "my/model-34B-chat has 34 billion parameters, by its name" in notes
    assert size_in_name("model-4bit") is None


def test_the_recipes_own_model_changes_nothing() -> None:
    before, _, _ = copied("qwen3/qlora-8b", "Qwen/Qwen3-8B")
    plain, notes = changed_text(
        shipped_recipe("qwen3/qlora-8b"), RecipeChanges(), Path("own.yml")
    )
    assert (before, notes) == (plain, [])


def test_remarks_on_the_other_model_are_said_to_be_on_it(tmp_path: Path) -> None:
    text, _, _ = copied("gemma4/lora-e2b", folder(tmp_path / "model", LLAMA))
    said = (
        "# Copied from the recipe gemma4/lora-e2b, which is for google/gemma-4-E2B-it;"
    )
    assert said in text
    assert text.index(said) < text.index("Heads of 512")


def test_a_model_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    both = folder(tmp_path / "both", T5)
    with pytest.raises(ExplainError, match="it is an encoder–decoder, and cpu/lora is"):
        copied("cpu/lora", both)
    one = folder(tmp_path / "one", LLAMA)
    with pytest.raises(ExplainError, match="it is a decoder alone, and t5/lora-large"):
        copied("t5/lora-large", one)
