"""The runs of the demo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.cli import main
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.support.shipped import recipe_path
from axolotl_explain.sweep import demo_plot as plot
from axolotl_explain.sweep.demo import RECIPE, plan_runs


def test_runs_differ_in_the_level_and_in_their_folders_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    runs = plan_runs(out)
    assert list(runs) == list(LEVELS)
    recipes = {level: json.loads(json.dumps(run.recipe)) for level, run in runs.items()}
    for level, recipe in recipes.items():
        assert recipe["explain"].pop("level") == level
        assert recipe.pop("output_dir") == str(out / level)
        assert recipe.pop("dataset_prepared_path") == str(out / "prepared" / level)
    texts = {json.dumps(recipe, sort_keys=True) for recipe in recipes.values()}
    assert len(texts) == 1
    assert "outputs/demo" not in texts.pop()
    shipped = yaml.safe_load(recipe_path(RECIPE).read_text())
    assert (
        recipes["none"]["scratch_model"]["config"] == shipped["scratch_model"]["config"]
    )


def test_every_level_is_a_run_of_its_own(tmp_path: Path) -> None:
    runs = plan_runs(tmp_path)
    assert len({run.training_fingerprint for run in runs.values()}) == len(LEVELS)
    assert {run.commands()["evaluating"][6] for run in runs.values()} == {"--data"}


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
