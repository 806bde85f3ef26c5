"""The demo: a shipped grid of four levels, and what it shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.catalog.shipped_recipes import shipped_recipes
from axolotl_explain.cli import main
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.support.shipped import recipe_path
from axolotl_explain.sweep import demo_plot as plot
from axolotl_explain.sweep.demo import GRID, plan_demo
from axolotl_explain.sweep.run_fingerprint import training_fingerprint

MOVED = {
    *("base_model", "scratch_model", "task_data", "datasets", "test_datasets"),
    *("output_dir", "dataset_prepared_path"),
}
"""Keys of the recipe with a path in them."""


def test_runs_differ_in_the_level_and_in_their_folders_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    recipes = {run.name: json.loads(json.dumps(run.recipe)) for run in plan_demo(out)}
    assert set(recipes) == set(LEVELS)
    for level, recipe in recipes.items():
        assert recipe["explain"].pop("level") == level
        assert recipe.pop("output_dir") == str(out / level)
        assert recipe.pop("dataset_prepared_path") == str(out / "prepared" / level)
    texts = {json.dumps(recipe, sort_keys=True) for recipe in recipes.values()}
    assert len(texts) == 1
    assert "outputs/demo" not in texts.pop()
    shipped = yaml.safe_load(recipe_path("cpu/demo.yml").read_text())
    for key in set(shipped) - MOVED - {"explain"}:
        assert recipes["none"][key] == shipped[key], key
    config = shipped["scratch_model"]["config"]
    assert recipes["none"]["scratch_model"]["config"] == config


def test_a_run_is_known_as_the_recipe_with_another_level(tmp_path: Path) -> None:
    shipped = yaml.safe_load(recipe_path("cpu/demo.yml").read_text())
    for run in plan_demo(tmp_path):
        shipped["explain"]["level"] = run.name
        assert run.training_fingerprint == training_fingerprint(shipped)


def test_every_run_is_evaluated_alike_and_into_its_own_folder(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data/test.jsonl"), "--batch-size", "250"]
    for run in plan_demo(tmp_path):
        own = tmp_path / run.name
        assert run.commands()["evaluating"][2:] == [
            *("--recipe", f"{own}.yml", "--model", str(own)),
            *(*data, "--out", str(own / "evaluation")),
        ]


def test_the_grid_is_one_that_the_sweep_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recipes").symlink_to(recipe_path(GRID).parents[1])
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["sweep", f"recipes/{GRID}", "--dry-run"])
    assert done.exit_code == 0, done.output
    assert done.output.count("to run") == len(LEVELS)
    assert "4 runs, each in a folder below outputs/sweep/demo" in done.output


def test_the_grid_is_no_recipe_of_the_catalog() -> None:
    assert GRID.removesuffix(".yml") not in {entry.name for entry in shipped_recipes()}


def test_the_demo_shows_all_levels_and_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_commands: None
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["demo", "--out", "demo"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    for level in LEVELS:
        share = "100.0%" if level == "long" else "0.0%"
        (row,) = [line for line in lines if line[:2] == [level, "2"]]
        assert (row[2], row[-2:]) == (share, ["3.0", "7"])
        assert f"{level}  finished, " in done.output
    assert "long  3 + 4  (right)" in done.output
    assert "none  3 + 4  (wrong, it is 7)" in done.output
    summary = json.loads(Path("demo/metrics.json").read_text())
    assert list(summary["levels"]) == list(LEVELS)
    assert summary["chance"] == 0.1
    assert Path("demo/accuracy.png").is_file()
    again = CliRunner().invoke(main, ["demo", "--out", "demo"])
    assert again.output.count("kept from before") == len(LEVELS)


def test_the_demo_ends_well_without_matplotlib_and_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_commands: None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    done = CliRunner().invoke(main, ["demo", "--out", "demo"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "pip install 'axolotl-explain[plots]'" in " ".join(done.output.split())
    assert Path("demo/metrics.json").is_file()
    assert not Path("demo/accuracy.png").exists()


def test_a_level_that_fails_ends_the_demo_after_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_commands: None
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fails").write_text("long")
    done = CliRunner().invoke(main, ["demo", "--out", "demo"])
    assert done.exit_code == 1
    assert "training long ended with exit code 1" in done.output
    assert "the reason why" in done.output
    assert done.output.count("finished, ") == len(LEVELS) - 1
