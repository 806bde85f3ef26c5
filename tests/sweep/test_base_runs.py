"""The base model as an arm of a sweep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.cli import main
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.grid_runs import GridRun, plan_runs
from tests.fixtures.bench import refusal

Recipe = dict[str, Any]
ARMS = [
    {"name": "mixed_up", "explain.level": "long", "explain.control": "mismatched"},
    {"name": "none", "explain.level": "none"},
    {"name": "long", "explain.level": "long"},
]


@pytest.fixture
def known(base: Recipe) -> Recipe:
    """A recipe whose base model is not made from scratch."""
    return {**base, "scratch_model": None, "base_model": "google/gemma-3-270m"}


def untrained(recipe: Recipe, **content: Any) -> dict[str, GridRun]:
    grid = Grid(recipe="recipe.yml", out="out", **content)
    runs = plan_runs(grid, recipe)
    return {one.run.name: one for one in runs if one.run.untrained}


def test_it_is_asked_once_at_each_level_and_for_each_number_of_shots(
    known: Recipe,
) -> None:
    seeds = {"seed": [1, 2]}
    content = {"together": {"arm": ARMS}, "grid": seeds, "base": {"shots": [0, 8]}}
    found = untrained(known, **content)
    assert {name: one.choices for name, one in found.items()} == {
        "base-none": {"base": "none", "shots": 0},
        "base-none-8-shots": {"base": "none", "shots": 8},
        "base-long": {"base": "long", "shots": 0},
        "base-long-8-shots": {"base": "long", "shots": 8},
    }
    run = found["base-long-8-shots"].run
    ((step, command),) = run.commands().items()
    assert step == "evaluating"
    assert "--model" not in command
    assert command[command.index("--shots") + 1] == "8"
    assert "control" not in run.recipe["explain"]
    assert run.recipe["output_dir"] == "out/runs/base-long-8-shots"
    assert run.eval_data == [f"{run.recipe['task_data']['folder']}/test.jsonl"]


def test_no_training_is_taken_for_it(known: Recipe) -> None:
    grid = Grid(recipe="r.yml", out="out", grid={"seed": [1]}, base={"shots": [0, 4]})
    runs = plan_runs(grid, known)
    marks = {one.run.training_fingerprint for one in runs}
    evaluations = {one.run.evaluation_fingerprint for one in runs}
    assert len(marks) == len(evaluations) == 3


def test_several_base_models_are_told_apart(known: Recipe) -> None:
    models = {"base_model": ["google/gemma-3-270m", "Qwen/Qwen3-0.6B-Base"]}
    found = untrained(known, grid=models, base={})
    assert [*found] == ["base-gemma-3-270m-long", "base-Qwen3-0.6B-Base-long"]


def test_runs_that_are_judged_by_other_rows_are_refused(known: Recipe) -> None:
    lengths = {"task_data.options.max_length": [3, 4]}
    message = refusal(untrained, known, grid=lengths, base={})
    assert "are evaluated on other rows" in message


def test_one_that_is_made_from_scratch_is_refused(base: Recipe) -> None:
    message = refusal(untrained, base, base={"shots": [0]})
    assert message.startswith("base: the base model is made from scratch")


def test_a_sweep_asks_it_beside_its_runs(
    known: Recipe, tmp_path: Path, quick_commands: None
) -> None:
    (tmp_path / "recipe.yml").write_text(yaml.safe_dump(known))
    levels = {"explain.level": ["none", "long"]}
    grid = {"recipe": "recipe.yml", "out": "out", "grid": levels, "base": {"shots": 4}}
    (tmp_path / "grid.yml").write_text(yaml.safe_dump(grid))
    for one in untrained(known, grid=levels, base={}).values():
        ensure_task_data(one.run.recipe["task_data"])
    done = CliRunner().invoke(main, ["sweep", "grid.yml", "--jobs", "2"])
    assert done.exit_code == 0, done.output
    assert "4 of 4 runs are finished" in done.output
    results = json.loads(Path("out/results.json").read_text())["runs"]
    last = results[-1]
    assert last["choices"] == {"base": "long", "shots": 4}
    assert (last["state"], last.get("steps")) == ("finished", None)
    again = CliRunner().invoke(main, ["sweep", "grid.yml", "--dry-run"])
    assert again.output.count("finished") == 4
