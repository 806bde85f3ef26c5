"""`axolotl explain sweep` from grid to report, with commands that take no time."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from axolotl_explain.cli import main


@pytest.fixture
def grid(base: dict[str, Any], tmp_path: Path, quick_commands: None) -> Path:
    """A grid of three levels, of which short cannot be trained."""
    Path("fails").write_text("short")
    (tmp_path / "recipe.yml").write_text(yaml.safe_dump(base))
    levels = {"explain.level": ["none", "short", "long"]}
    content = {"recipe": "recipe.yml", "out": "out", "grid": levels}
    path = tmp_path / "grid.yml"
    path.write_text(yaml.safe_dump(content))
    return path


def sweep(grid: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["sweep", str(grid), "--jobs", "2", *options])


def test_a_failing_run_is_shown_and_the_others_finish(grid: Path) -> None:
    done = sweep(grid)
    assert done.exit_code == 1, done.output
    assert "short failed: training short ended with exit code 1" in done.output
    assert "the reason why" in done.output
    assert "Failed: short, see out/runs/short/commands.log" in done.output
    assert "2 of 3 runs are finished" in done.output
    results = json.loads(Path("out/results.json").read_text())["runs"]
    states = {run["name"]: run["state"] for run in results}
    assert states == {"none": "finished", "short": "failed", "long": "finished"}
    page = Path("out/report/report.html").read_text()
    assert "long" in page
    assert "out/runs/short" not in page
    again = sweep(grid)
    assert "none  kept, exact match 0.0%" in again.output
    assert "long  kept, exact match 100.0%" in again.output
    assert "short failed" in again.output


def test_a_fault_of_the_grid_is_told_before_anything_runs(grid: Path) -> None:
    content = yaml.safe_load(grid.read_text())
    content["grid"]["explain.level"].append("longer")
    grid.write_text(yaml.safe_dump(content))
    done = sweep(grid)
    assert done.exit_code == 1
    assert "longer: explain.level: 'longer' is no level" in done.output
    assert not Path("out").exists()


def test_ray_is_asked_for_by_name_where_it_is_missing(
    grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    done = sweep(grid, "--ray")
    assert done.exit_code == 1
    assert "--ray: Ray is not installed" in done.output


@pytest.fixture
def tuning(grid: Path) -> Path:
    """The grid, with two seeds, and the learning rate of each level chosen first."""
    Path("fails").unlink()
    content = yaml.safe_load(grid.read_text())
    content["grid"] = {"explain.level": ["none", "long"], "seed": [1, 2]}
    content["tune"] = {
        "grid": {"learning_rate": [0.1, 0.5, 0.7]},
        "over": "seed",
        "repeat": [{"seed": 11}],
    }
    grid.write_text(yaml.safe_dump(content))
    return grid


def test_each_level_gets_the_rate_that_did_best_for_it(tuning: Path) -> None:
    first = sweep(tuning, "--dry-run")
    assert first.exit_code == 0, first.output
    assert "6 runs, each in a folder below out/tuning/runs." in first.output
    assert "Then 4 runs with what is chosen by these." in first.output
    done = sweep(tuning)
    assert done.exit_code == 0, done.output
    assert "4 of 4 runs are finished" in done.output
    assert "exact match at each learning_rate; ▸ is chosen" in done.output
    assert re.search(r"none +0\.0% +▸ 100\.0% +0\.0%", done.output)
    # Where all do alike, the one in the middle.
    rates = {"none": 0.5, "long": 0.5}
    for path in Path("out/recipes").iterdir():
        recipe = yaml.safe_load(path.read_text())
        assert recipe["learning_rate"] == rates[recipe["explain"]["level"]]
    results = json.loads(Path("out/results.json").read_text())
    none, long = results["tuned"]
    assert none["choices"] == {"explain.level": "none"}
    assert none["chosen"] == long["chosen"] == {"learning_rate": 0.5}
    assert [one["exact_match"] for one in none["tried"]] == [0.0, 1.0, 0.0]
    assert [one["exact_match"] for one in long["tried"]] == [1.0, 1.0, 1.0]
    again = sweep(tuning, "--dry-run")
    assert "4 runs, each in a folder below out/runs." in again.output


def test_values_are_chosen_by_rows_that_are_not_judged_by(tuning: Path) -> None:
    sweep(tuning)
    for path in Path("out/tuning/recipes").iterdir():
        recipe = yaml.safe_load(path.read_text())
        assert recipe["seed"] == 11
    heads = [
        json.loads(path.read_text())
        for path in Path("out/tuning/runs").glob("*/evaluation/metrics.json")
    ]
    assert len(heads) == 6
    assert all(str(head["data"]).endswith("validation.jsonl") for head in heads)


def test_a_sweep_whose_tuning_failed_goes_no_further(tuning: Path) -> None:
    Path("fails").write_text("none")
    done = sweep(tuning)
    assert done.exit_code == 1
    assert "Failed: seed11-none-learning_rate0.1" in done.output
    assert not Path("out/runs").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"over": ["sed"]}, "tune.over: neither grid nor together has 'sed'"),
        ({"grid": {"seed": [1]}}, "seed is given by grid and by tune.grid"),
        ({"grid": {}}, "tune.grid"),
        ({"grid": {"learning_rate": 0.1}}, "learning_rate has 0.1; write its values"),
        ({"data": "old/data/test.jsonl"}, "is also what the sweep judges by"),
        ({"repeat": [{"learning_rat": 1}]}, "learning_rat"),
    ],
)
def test_a_faulty_block_is_one_error(
    tuning: Path, change: dict[str, Any], message: str
) -> None:
    content = yaml.safe_load(tuning.read_text())
    content["tune"] |= change
    tuning.write_text(yaml.safe_dump(content))
    done = sweep(tuning)
    assert done.exit_code == 1
    assert message in done.output
    assert not Path("out").exists()


def test_without_validation_rows_the_data_to_choose_by_are_named(
    tuning: Path, base: dict[str, Any]
) -> None:
    base["task_data"]["sizes"]["validation"] = 0
    Path("recipe.yml").write_text(yaml.safe_dump(base))
    done = sweep(tuning)
    assert done.exit_code == 1
    assert "tune.data: is missing" in done.output
