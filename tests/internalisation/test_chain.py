"""The recipes, folders and fingerprints of a chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.internalisation.chain import Chain, EvaluationPlan, plan_chain
from axolotl_explain.internalisation.explained_folder import explained_folder
from axolotl_explain.internalisation.stage_recipe import stage_recipe
from axolotl_explain.sweep.run_folders import relocate
from tests.fixtures.bench import refusal
from tests.internalisation.conftest import HELD_OUT, TEST, UNITS

Plan = Callable[..., Chain]


def recipes(chain: Chain) -> list[dict[str, Any]]:
    return [dict(one.run.recipe) for one in chain.runs]


def fingerprints(chain: Chain) -> list[str]:
    return [one.run.training_fingerprint for one in chain.runs]


def test_the_first_stage_is_the_plain_recipe(base: dict[str, Any], plan: Plan) -> None:
    first = recipes(plan())[0]
    assert first["explain"]["internalise"].pop("stage") == 0
    assert first.pop("auto_resume_from_checkpoints") is True
    assert first.pop("output_dir") == "out/stage-0"
    assert first.pop("dataset_prepared_path") == "out/prepared/stage-0"
    plain = relocate(base, {"old/data": "out/data", "old/base": "out/base"})
    plain.pop("output_dir")
    assert first == plain


def test_there_is_a_stage_for_each_step_of_the_longest_explanation(plan: Plan) -> None:
    assert [one.run.name for one in plan().runs] == [f"stage-{n}" for n in range(4)]
    assert len(plan({"step": 2}).runs) == 3
    assert len(plan({"max_stages": 1}).runs) == 2


def test_a_full_fine_tune_goes_on_from_the_model_before(plan: Plan) -> None:
    found = recipes(plan())
    for before, after in pairwise(found):
        assert after["base_model"] == before["output_dir"]
        assert after["tokenizer_config"] == "out/base"
        assert "scratch_model" not in after
        assert "lora_model_dir" not in after


def test_an_adapter_goes_on_and_its_base_model_stays(plan: Plan) -> None:
    found = recipes(plan(adapter="qlora", load_in_4bit=True))
    for before, after in pairwise(found):
        assert after["lora_model_dir"] == before["output_dir"]
        assert after["base_model"] == "out/base"
        assert after["scratch_model"] == before["scratch_model"]


def test_stages_have_steps_and_a_learning_rate_of_their_own(plan: Plan) -> None:
    first, second, *_ = recipes(plan({"learning_rate": 0.0005}))
    assert "max_steps" not in first
    assert first["learning_rate"] == 0.001
    assert (second["max_steps"], second["learning_rate"]) == (50, 0.0005)
    assert second["num_epochs"] == 4  # 50 steps of 8 rows, out of 100
    _, longer, *_ = recipes(plan({"steps": None}))
    assert "max_steps" not in longer


def test_a_stage_keeps_its_optimizer_where_it_is_asked_to(plan: Plan) -> None:
    found = recipes(plan({"reset_optimizer": False}))
    blocks = [one["explain"]["internalise"] for one in found]
    assert [one.get("optimizer_from") for one in blocks] == [
        None,
        "out/stage-0",
        "out/stage-1",
        "out/stage-2",
    ]


@pytest.mark.parametrize(
    ("options", "keys", "changed"),
    [
        ({"tolerance": 0.5, "patience": 9}, {}, []),
        ({"max_stages": 9}, {}, []),
        ({"max_stages": 2}, {}, [2]),
        ({"step": 2}, {}, [1, 2]),
        ({"side": "right"}, {}, [1, 2, 3]),
        ({"learning_rate": 0.5}, {}, [1, 2, 3]),
        ({"reset_optimizer": False}, {}, [1, 2, 3]),
        ({}, {"learning_rate": 0.5}, [0, 1, 2, 3]),
        ({}, {"seed": 2}, [0, 1, 2, 3]),
    ],
)
def test_only_stages_that_would_train_otherwise_are_trained_again(
    plan: Plan, options: dict[str, Any], keys: dict[str, Any], changed: list[int]
) -> None:
    before, after = fingerprints(plan()), fingerprints(plan(options, **keys))
    assert [
        stage
        for stage, (one, two) in enumerate(zip(before, after, strict=False))
        if one != two
    ] == changed


def test_the_folder_of_the_chain_does_not_matter(
    base: dict[str, Any], plan: Plan
) -> None:
    asked = EvaluationPlan(["old/data/validation.jsonl"], ["old/data/test.jsonl"])
    other = plan_chain(base, Path("elsewhere"), UNITS, asked)
    assert fingerprints(other) == fingerprints(plan())


def test_every_stage_is_asked_by_the_same_rows(plan: Plan) -> None:
    chain = plan()
    assert chain.held_out == ["out/data/validation.jsonl"]
    for one in chain.runs:
        assert one.run.eval_data == ["out/data/validation.jsonl", "out/data/test.jsonl"]


def full_model(folder: Path, **config: Any) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "model.safetensors").write_text("weights")
    return folder


def test_a_chain_begins_with_a_model_that_is_given(
    base: dict[str, Any], tmp_path: Path
) -> None:
    given = full_model(tmp_path / "run", model_type="llama", hidden_size=8)
    found = explained_folder(given, base)
    asked = EvaluationPlan(["rows.jsonl"])
    chain = plan_chain(base, Path("out"), UNITS, asked, explained=found)
    first, second = (one.run for one in chain.runs[:2])
    assert list(first.commands()) == ["evaluating"]
    assert str(given) in first.commands()["evaluating"]
    assert second.recipe["base_model"] == str(given)
    (given / "model.safetensors").write_text("other weights")
    other = plan_chain(
        base, Path("out"), UNITS, asked, explained=explained_folder(given, base)
    )
    assert fingerprints(chain)[1] != fingerprints(other)[1]


def test_a_given_model_of_another_shape_is_refused(
    base: dict[str, Any], tmp_path: Path
) -> None:
    given = full_model(tmp_path / "run", model_type="llama", hidden_size=16)
    assert refusal(explained_folder, given, base) == (
        f"--explained {given}: it is of another architecture than the recipe's "
        "base_model (hidden_size 16, not 8); use the recipe of its training."
    )
    adapter = {**base, "adapter": "lora"}
    assert "it holds a full model, and the recipe trains adapter: lora" in (
        refusal(explained_folder, given, adapter)
    )
    (given / "adapter_config.json").write_text("{}")
    assert "it holds an adapter, and the recipe trains a full model" in (
        refusal(explained_folder, given, base)
    )
    (given / "adapter_config.json").write_text('{"r": 4}')
    assert "the adapter has rank 4, and the recipe lora_r: 8" in (
        refusal(explained_folder, given, {**adapter, "lora_r": 8})
    )
    (given / "adapter_config.json").unlink()
    (given / "config.json").write_text("{")
    assert "its config.json is no JSON object" in refusal(explained_folder, given, base)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "neither adapter_config.json nor config.json" in (
        refusal(explained_folder, empty, base)
    )


def test_the_recipe_of_a_stage_leaves_the_base_recipe_alone(
    base: dict[str, Any],
) -> None:
    before = yaml.safe_dump(base)
    stage_recipe(base, 2, Path("out/stage-1"))
    assert yaml.safe_dump(base) == before


def test_in_place_data_and_model_are_made_where_the_recipe_names_them(
    base: dict[str, Any],
) -> None:
    asked = EvaluationPlan([HELD_OUT], [TEST])
    chain = plan_chain(base, Path("out"), UNITS, asked, in_place=True)
    first, second = (one.run.recipe for one in chain.runs[:2])
    assert first["base_model"] == "old/base"
    assert first["output_dir"] == "out/stage-0"
    assert {one["task_data"]["folder"] for one in (first, second)} == {"old/data"}
    assert (chain.held_out, chain.tests) == ([HELD_OUT], [TEST])
    assert second["base_model"] == "out/stage-0"
