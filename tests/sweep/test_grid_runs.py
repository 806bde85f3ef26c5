"""From a grid to runs: recipes, folders, fingerprints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep import run_fingerprint
from axolotl_explain.sweep.archive import copy_in
from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.grid_runs import GridRun, plan_runs
from axolotl_explain.sweep.moved_runs import find_reusable
from axolotl_explain.sweep.run_file import RunState, write_state

Recipe = dict[str, Any]
LEVELS = {"explain.level": ["none", "long"]}


def planned(base: Recipe, **content: Any) -> dict[str, GridRun]:
    grid = Grid(recipe="recipe.yml", out="out", **content)
    return {one.run.name: one for one in plan_runs(grid, base)}


def marks(base: Recipe, **content: Any) -> dict[str, tuple[str, str]]:
    return {
        name: (one.run.training_fingerprint, one.run.evaluation_fingerprint)
        for name, one in planned(base, **content).items()
    }


def test_a_run_reads_and_writes_below_the_folder_of_the_sweep(base: Recipe) -> None:
    run = planned(base, grid=LEVELS)["none"].run
    text = json.dumps(run.recipe)
    assert '"old/' not in text
    assert run.recipe["output_dir"] == "out/runs/none"
    data = run.recipe["task_data"]["folder"]
    assert run.recipe["datasets"][0]["path"] == f"{data}/train.jsonl"
    assert run.recipe["scratch_model"]["tokenizer_data"] == [f"{data}/validation.jsonl"]
    assert run.eval_data == [f"{data}/test.jsonl"]
    assert run.recipe["base_model"].startswith("out/models/model-")


def test_no_two_runs_write_into_one_folder(base: Recipe) -> None:
    runs = [one.run for one in planned(base, grid={**LEVELS, "seed": [1, 2]}).values()]
    for key in ("output_dir", "dataset_prepared_path"):
        assert len({run.recipe[key] for run in runs}) == 4


def test_models_and_data_are_shared_where_they_are_the_same(base: Recipe) -> None:
    sizes = [8, 16]
    grid = {**LEVELS, "scratch_model.config.hidden_size": sizes, "seed": [1, 2]}
    runs = [one.run for one in planned(base, grid=grid).values()]
    assert len({run.recipe["task_data"]["folder"] for run in runs}) == 1
    models = {
        (
            run.recipe["base_model"],
            run.recipe["scratch_model"]["config"]["hidden_size"],
        )
        for run in runs
    }
    assert len(models) == 2
    assert {size for _, size in models} == set(sizes)


def test_other_data_for_the_tokenizer_make_another_model(base: Recipe) -> None:
    base["scratch_model"]["tokenizer_data"] = ["words.jsonl"]
    Path("words.jsonl").write_text("{}\n")
    before = planned(base)["run"].run.recipe["base_model"]
    Path("words.jsonl").write_text('{"a": 1}\n')
    assert planned(base)["run"].run.recipe["base_model"] != before


def test_what_is_interrupted_can_go_on(base: Recipe) -> None:
    assert planned(base)["run"].run.recipe["auto_resume_from_checkpoints"] is True
    base["auto_resume_from_checkpoints"] = False
    assert planned(base)["run"].run.recipe["auto_resume_from_checkpoints"] is False


def test_a_changed_key_touches_the_runs_that_have_it_alone(base: Recipe) -> None:
    before = marks(base, grid={"seed": [1, 2]})
    after = marks(base, grid={"seed": [2, 3]})
    assert before["seed2"] == after["seed2"]
    assert before["seed1"][0] != after["seed3"][0]


def test_a_change_of_the_base_recipe_touches_all_runs(base: Recipe) -> None:
    before = marks(base, grid=LEVELS)
    base["learning_rate"] = 0.1
    after = marks(base, grid=LEVELS)
    assert all(before[name][0] != after[name][0] for name in before)


def test_another_evaluation_is_no_other_training(base: Recipe) -> None:
    before = marks(base)["run"]
    after = marks(base, evaluate={"limit": 3})["run"]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_other_content_of_a_data_file_is_another_run(base: Recipe) -> None:
    base["datasets"].append({"path": "more.jsonl"})
    Path("more.jsonl").write_text("{}\n")
    before = marks(base)["run"]
    Path("more.jsonl").write_text('{"a": 1}\n')
    assert marks(base)["run"][0] != before[0]


def test_other_content_of_the_evaluated_file_is_another_evaluation(
    base: Recipe,
) -> None:
    evaluate = {"data": "asked.jsonl"}
    Path("asked.jsonl").write_text("{}\n")
    before = marks(base, evaluate=evaluate)["run"]
    Path("asked.jsonl").write_text('{"a": 1}\n')
    after = marks(base, evaluate=evaluate)["run"]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_another_version_of_a_package_is_another_run(
    base: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = marks(base)["run"]
    monkeypatch.setattr(run_fingerprint, "versions", lambda names: {"torch": "0"})
    assert marks(base)["run"][0] != before[0]


def test_the_folder_of_the_sweep_does_not_matter(base: Recipe) -> None:
    (here,) = plan_runs(Grid(recipe="r", out="here"), base)
    (there,) = plan_runs(Grid(recipe="r", out="there"), base)
    assert here.run.training_fingerprint == there.run.training_fingerprint
    assert here.run.evaluation_fingerprint == there.run.evaluation_fingerprint


def test_generated_files_are_told_by_what_makes_them(base: Recipe) -> None:
    before = marks(base)["run"]
    for folder in ("old/data", "out/data"):
        Path(folder).mkdir(parents=True)
        (Path(folder) / "train.jsonl").write_text("made\n")
    assert marks(base)["run"] == before
    base["task_data"]["seed"] = 9
    assert marks(base)["run"][0] != before[0]


def test_samples_are_the_first_rows_of_each_dataset(base: Recipe) -> None:
    base["datasets"].append({"path": "more.jsonl", "split": "extra"})
    one = planned(base, grid={"samples": [10]})["samples10"]
    splits = [entry["split"] for entry in one.run.recipe["datasets"]]
    assert splits == ["train[:10]", "extra[:10]"]


@pytest.mark.parametrize(
    ("count", "split", "said"),
    [
        (101, None, "task_data.sizes.train makes 100"),
        (0, None, "no whole number above 0"),
        (5, "train[:50]", "takes train.* already"),
    ],
)
def test_samples_that_are_not_there_are_refused(
    base: Recipe, count: int, split: str | None, said: str
) -> None:
    if split:
        base["datasets"][0]["split"] = split
    with pytest.raises(ExplainError, match=said):
        planned(base, grid={"samples": [count]})


def test_a_fault_names_the_run(base: Recipe) -> None:
    with pytest.raises(ExplainError, match=r"^longer: explain\.level"):
        planned(base, grid={"explain.level": ["none", "longer"]})


def test_a_recipe_that_tests_on_nothing_needs_data(base: Recipe) -> None:
    del base["task_data"], base["test_datasets"]
    with pytest.raises(ExplainError, match=r"evaluate\.data: is missing"):
        planned(base)


def test_plain_texts_are_no_rows_to_evaluate_on(base: Recipe) -> None:
    del base["task_data"]
    base["test_datasets"].append(
        {"path": "plain.jsonl", "type": "completion", "field": "text"}
    )
    (run,) = [one.run for one in planned(base).values()]
    assert run.eval_data == [base["test_datasets"][0]["path"]]
    base["test_datasets"] = base["test_datasets"][1:]
    with pytest.raises(ExplainError, match="no test_datasets of rows with answers"):
        planned(base)


def test_long_problems_are_evaluated_where_they_are_made(base: Recipe) -> None:
    base["task_data"]["sizes"]["test_long"] = 5
    (run,) = [one.run for one in planned(base).values()]
    assert [Path(path).name for path in run.eval_data] == [
        "test.jsonl",
        "test_long.jsonl",
    ]


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, 26),
        ({"gradient_accumulation_steps": 2}, 14),
        ({"max_steps": 7}, 7),
        ({"max_steps": 70}, 26),
        ({"sample_packing": True}, None),
        ({"explain": {"level": "all"}}, None),
    ],
)
def test_steps_are_estimated(base: Recipe, changes: Recipe, steps: int | None) -> None:
    # 100 rows in batches of 8 are 13 steps, in batches of 16 they are 7; twice.
    assert planned({**base, **changes})["run"].steps == steps


def test_a_slice_takes_fewer_steps(base: Recipe) -> None:
    assert planned(base, grid={"samples": [20]})["samples20"].steps == 6


def test_runs_of_another_sweep_are_copied_where_they_are_the_same(base: Recipe) -> None:
    def of(**content: Any) -> tuple[Grid, list[GridRun]]:
        grid = Grid(recipe="recipe.yml", **content)
        return grid, plan_runs(grid, base)

    _, first = of(out="first", grid={"seed": [1, 2]})
    for one, trained in zip(first, (True, False), strict=True):
        one.run.folder.mkdir(parents=True)
        write_state(one.run.folder, RunState(one.run.training_fingerprint, trained))
    grid, second = of(out="second", grid={"seed": [1, 2, 3]}, reuse="first")
    there = find_reusable(second, grid, {})
    assert there == {second[0].run.folder: first[0].run.folder}
    copy_in(there, Path("second/earlier"))
    assert [one.run.stage() for one in second] == ["trained", "new", "new"]
    assert first[0].run.stage() == "trained"
    assert find_reusable(second, grid, {}) == {}


def losses(base: Recipe, **content: Any) -> dict[str, Any]:
    """Name of each run -> its block of the loss, or `no block`."""
    runs = planned(base, **content)
    return {
        name: one.run.recipe["explain"].get("loss", "no block")
        for name, one in runs.items()
    }


def test_weights_of_the_loss_are_keys_of_a_grid(base: Recipe) -> None:
    grid = {"explain.loss.weights.explanation": [1, 0.3]}
    assert losses(base, grid=grid) == {
        "explanation1": {"weights": {"explanation": 1}},
        "explanation0.3": {"weights": {"explanation": 0.3}},
    }
    found = marks(base, grid=grid)
    assert found["explanation1"][0] != found["explanation0.3"][0]


def test_null_as_a_value_of_a_grid_takes_the_block_of_the_loss_out(
    base: Recipe,
) -> None:
    base["explain"]["loss"] = {"weights": {"answer": 2}}
    grid = {"explain.loss": [None, {}, {"share": {"answer": 0.5}}]}
    assert losses(base, grid=grid) == {
        "loss-none": "no block",
        "loss": {},
        "shareanswer0.5": {"share": {"answer": 0.5}},
    }
    assert losses(base, set={"explain.loss": None}) == {"run": "no block"}


def test_a_run_in_which_a_weight_would_do_nothing_is_named(base: Recipe) -> None:
    grid = {**LEVELS, "explain.loss.weights.explanation": [1, 0.3]}
    said = r"none-explanation0\.3: explain\.loss\.weights\.explanation: with explain\."
    with pytest.raises(ExplainError, match=said):
        planned(base, grid=grid)
    without = {"explain.level": "none", "explain.loss.weights.explanation": 0.3}
    assert len(planned(base, grid=grid, exclude=[without])) == 3
