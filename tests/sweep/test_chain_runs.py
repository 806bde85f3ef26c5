"""Runs of a sweep that take explanations away again: each of them is a chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.store import store
from axolotl_explain.sweep.commands import CommandResult, Commands
from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.grid_runs import GridRun, plan_runs
from axolotl_explain.sweep.one_run import EVALUATING, TRAINING
from axolotl_explain.sweep.results_file import write_results
from tests.fixtures.runs import completion

Recipe = dict[str, Any]
ARMS = {
    "arm": [
        {"name": "explained", "explain.internalise": None},
        {"name": "stages"},
        {"name": "right", "explain.internalise.side": "right"},
        {"name": "one", "explain.internalise.stage": 1},
    ]
}


@pytest.fixture
def runs(base: Recipe) -> dict[str, GridRun]:
    """One of each arm, by its name."""
    base["explain"]["internalise"] = {"steps": 50}
    grid = Grid(recipe="recipe.yml", out="out", together=ARMS)
    return {one.run.name: one for one in plan_runs(grid, base)}


def test_a_recipe_with_the_block_and_no_stage_is_trained_as_a_chain(
    runs: dict[str, GridRun],
) -> None:
    commands = runs["right"].run.commands()
    assert commands[TRAINING] == [
        *("axolotl-explain", "internalise", "out/recipes/right.yml"),
        *("--in-place", "--out", "out/runs/right/chain"),
    ]
    assert runs["right"].run.recipe["explain"]["internalise"]["side"] == "right"
    assert runs["right"].steps is None


def test_its_kept_stage_is_what_is_evaluated(runs: dict[str, GridRun]) -> None:
    command = runs["stages"].run.commands()[EVALUATING]
    assert command[2:8] == [
        *("--recipe", "out/recipes/stages.yml"),
        *("--model", "out/runs/stages/chain/kept"),
        *("--data", *runs["explained"].run.eval_data),
    ]


@pytest.mark.parametrize("name", ["explained", "one"])
def test_without_the_block_and_at_one_stage_it_is_a_training(
    runs: dict[str, GridRun], name: str
) -> None:
    run = runs[name].run
    assert run.chain is None
    assert run.commands()[TRAINING][0] == "accelerate"
    assert run.commands()[EVALUATING][5] == f"out/runs/{name}"
    assert runs[name].steps == 26


class Quick(Commands):
    """Leaves what a chain and its evaluation leave."""

    def run(
        self, command: list[str], folder: Path, *rest: object, **more: object
    ) -> CommandResult:
        if command[1] == "internalise":
            chain = folder / "chain"
            chain.mkdir()
            stages = [{"stage": n, "steps": 7 + n, "tokens": 9} for n in range(3)]
            (chain / "internalise.json").write_text(json.dumps({"stages": stages}))
        else:
            rows = [Completion.from_dict(completion(n, "long", True)) for n in (1, 2)]
            store(folder / "evaluation", rows, {"model": "kept"})
        return CommandResult(1.0, 1)


def test_results_have_its_stages_and_all_of_their_steps(
    runs: dict[str, GridRun],
) -> None:
    one = runs["stages"]
    one.run.execute(Quick(), {}, lambda step: None)
    write_results(Path("results.json"), [one], {})
    (found,) = json.loads(Path("results.json").read_text())["runs"]
    assert found["state"] == "finished"
    assert found["steps"] == 7 + 8 + 9
    assert [stage["stage"] for stage in found["stages"]] == [0, 1, 2]
