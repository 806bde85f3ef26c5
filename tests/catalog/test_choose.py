"""Which way to train is chosen for which machine; the estimates are made up here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from axolotl.monkeypatch.lora_kernels import get_attention_cls_from_config
from axolotl.monkeypatch.multipack import SUPPORTED_MULTIPACK_MODEL_TYPES
from axolotl.utils.dict import DictDefault
from transformers import AutoConfig

from axolotl_explain.catalog import choose as module
from axolotl_explain.catalog import methods
from axolotl_explain.catalog.choose import Choice, choose
from axolotl_explain.catalog.look import Asked, Look, look_at
from axolotl_explain.catalog.machine import Machine
from axolotl_explain.catalog.methods import ALIKE, nearest
from axolotl_explain.catalog.model_facts import model_facts
from axolotl_explain.catalog.needs import Needed
from axolotl_explain.catalog.new_recipe import new_recipe
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, method
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory.estimate import GIB, Estimate, Item
from tests.fixtures.bench import ROOT

TRAIN = str(ROOT / "examples/movie_genres/train.jsonl")
GIB_OF = {"full": 60.0, "LoRA": 20.0, "8-bit LoRA": 12.0, "QLoRA": 8.0}
SMALL = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1}
SIZES = {"num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 300}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory by method and tokens, half as much where cards share a model."""

    def needed(recipe: Mapping[str, Any], config: object, gpus: int) -> Needed:
        rows, tokens = recipe["micro_batch_size"], recipe["sequence_len"]
        gib = GIB_OF[method(recipe)] + rows * tokens / 1_024
        if recipe.get("deepspeed") or recipe.get("fsdp_config"):
            gib /= 2
        item = Item("weights", int(gib * GIB), "made up")
        return Needed(gpus, Estimate((item,), max(1, gpus), 1, 1))

    monkeypatch.setattr(module, "needed", needed)


def look(where: Path, data: str = TRAIN, **config: Any) -> Look:
    """A look at a model without a tokenizer."""
    where.mkdir(exist_ok=True)
    content = {**SMALL, **SIZES, **config}
    (where / "config.json").write_text(json.dumps(content), "utf-8")
    return look_at(Asked(str(where), data))


def chosen(found: Look, memory: float, gpus: int = 1) -> Choice:
    return choose(found, "long", Machine(memory, gpus), "own.yml", lambda doing: None)


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        (Machine(0, 0), "LoRA"),
        (Machine(96, 1), "full"),
        (Machine(80, 1), "LoRA"),
        (Machine(16, 1), "8-bit LoRA"),
        (Machine(12, 1), "QLoRA"),
        (Machine(80, 4), "full over all cards"),
        (Machine(8, 2), "QLoRA over all cards"),
    ],
)
def test_the_first_that_leaves_room_is_taken(
    machine: Machine, name: str, tmp_path: Path, made_up: None
) -> None:
    found = chosen(look(tmp_path / "m"), machine.memory, machine.gpus)
    assert found.fit.method.full_name == name


def test_rows_one_at_a_time_before_another_method(
    tmp_path: Path, made_up: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two_rows(*arguments: Any) -> ShippedRecipe:
        basis = nearest(*arguments)
        return replace(basis, recipe={**basis.recipe, "micro_batch_size": 2})

    monkeypatch.setattr(methods, "nearest", two_rows)
    found = look(tmp_path / "m")
    assert chosen(found, 25.5).fit.method.rows == 2
    one = chosen(found, 24.2).fit.method
    assert (one.name, one.rows) == ("LoRA", 1)


def test_short_rows_go_together_into_a_micro_batch(
    tmp_path: Path, made_up: None
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"instruction": "3 + 4?", "answer": "7"}\n' * 20, "utf-8")
    found = look(tmp_path / "m", str(rows))
    recipe = parsed(new_recipe(found, "none", Machine(24, 1), "own.yml").text)
    assert (recipe["sequence_len"], recipe["micro_batch_size"]) == (128, 8)
    assert recipe["gradient_accumulation_steps"] == 1
    assert "sample_packing" not in recipe


def test_many_rows_are_packed(tmp_path: Path, made_up: None) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"instruction": "3 + 4?", "answer": "7"}\n' * 19_000, "utf-8")
    found = look(tmp_path / "m", str(rows))
    recipe = parsed(new_recipe(found, "none", Machine(28, 1), "own.yml").text)
    assert (recipe["sequence_len"], recipe["sample_packing"]) == (2_048, True)


def test_a_batch_stays_of_one_size_whatever_the_cards(
    tmp_path: Path, made_up: None
) -> None:
    found = look(tmp_path / "m")
    for memory, gpus in ((96, 1), (24, 1), (24, 4), (80, 4), (8, 2)):
        machine = Machine(memory, gpus)
        recipe = parsed(new_recipe(found, "long", machine, "own.yml").text)
        rows = recipe["micro_batch_size"] * recipe["gradient_accumulation_steps"]
        assert rows * gpus in (8, 16)


def parsed(text: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_long_rows_are_shortened_only_where_nothing_else_helps(
    tmp_path: Path, made_up: None
) -> None:
    rows = tmp_path / "rows.jsonl"
    row = {
        "instruction": "Why?",
        "answer": "so",
        "explanations": {"long": "ab " * 9_000},
    }
    rows.write_text(f"{json.dumps(row)}\n" * 20, "utf-8")
    found = look(tmp_path / "m", str(rows), max_position_embeddings=16_384)
    whole = chosen(found, 19).fit
    assert (whole.sizes.sequence, whole.method.name) == (9_088, "QLoRA")
    short = chosen(found, 16).fit.sizes
    assert (short.sequence, short.shorten) == (4_608, True)
    recipe = parsed(new_recipe(found, "long", Machine(16, 1), "own.yml").text)
    assert recipe["explain"]["on_too_long"] == "shorten"


def test_a_model_that_fits_nothing_is_refused_with_what_it_takes(
    tmp_path: Path, made_up: None
) -> None:
    with pytest.raises(ExplainError, match=r"--memory 4: .* in GB: full .*QLoRA 9\."):
        chosen(look(tmp_path / "m"), 4)


def test_layers_that_cards_share_have_the_name_of_the_architecture(
    tmp_path: Path, made_up: None
) -> None:
    found = look(tmp_path / "m", model_type="qwen3", head_dim=32)
    recipe = parsed(new_recipe(found, "long", Machine(8, 2), "own.yml").text)
    wrapped = recipe["fsdp_config"]["transformer_layer_cls_to_wrap"]
    assert wrapped == "Qwen3DecoderLayer"
    assert "chat_template" not in recipe


def test_an_architecture_that_no_recipe_has_takes_no_chances(
    tmp_path: Path, made_up: None
) -> None:
    found = look(tmp_path / "m", model_type="olmo2")
    recipe = parsed(new_recipe(found, "long", Machine(24, 1), "own.yml").text)
    assert recipe["attn_implementation"] == "sdpa"
    assert "sample_packing" not in recipe
    kernels = [recipe[f"lora_{one}_kernel"] for one in ("mlp", "qkv", "o", "embedding")]
    assert kernels == [False] * 4


def test_a_name_is_believed_where_there_is_nothing_else(made_up: None) -> None:
    found = look_at(Asked("some/model-14B-Instruct", TRAIN))
    choice = chosen(found, 8)
    assert (found.prompts.kind, choice.fit.method.name) == ("chat", "QLoRA")
    assert choice.stand_in == "mistralai/Mistral-Small-24B-Instruct-2501"
    assert choice.need.scale == pytest.approx(14 / 24)
    new = new_recipe(found, "long", Machine(8, 1), "own.yml")
    assert "times 0.58" in "\n".join(new.notes)


def test_the_nearest_recipe_is_of_the_same_model_or_family(tmp_path: Path) -> None:
    for name, model, kind, entry in (
        ("QLoRA", "Qwen/Qwen3-32B", "chat", "qwen3/qlora-32b"),
        ("LoRA", "Qwen/Qwen3-8B-Base", "instruct", "qwen3/lora-8b"),
        ("QLoRA", "google/flan-t5-xl", "seq2seq", "t5/lora-large"),
        ("QLoRA", "Qwen/Qwen3.5-9B", "chat", "qwen3.5/qlora-9b"),
        ("LoRA", "some/new-7B", "chat", "lfm2/lora-350m"),
        ("full", "openai-community/gpt2", "instruct", "qwen3/full-0.6b"),
    ):
        facts = model_facts(model)
        assert nearest(name, facts, kind).name == entry  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ALIKE)
def test_architectures_that_are_taken_for_alike_have_packing_and_kernels(
    kind: str, tmp_path: Path
) -> None:
    assert kind in SUPPORTED_MULTIPACK_MODEL_TYPES
    AutoConfig.for_model(kind).save_pretrained(tmp_path)
    attention = get_attention_cls_from_config(DictDefault(base_model=str(tmp_path)))
    assert "Attention" in attention.__name__
