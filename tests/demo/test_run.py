"""The runs of the demo."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from axolotl_explain.demo.run import RECIPE, plan_runs
from axolotl_explain.levels import LEVELS
from axolotl_explain.shipped import recipe_path


def test_runs_differ_in_the_level_and_in_their_folders_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    runs = plan_runs(out)
    assert list(runs) == list(LEVELS)
    recipes = {
        level: json.loads(json.dumps(run.content)) for level, run in runs.items()
    }
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
    assert len({run.training for run in runs.values()}) == len(LEVELS)
    assert {run.commands()["evaluating"][6] for run in runs.values()} == {"--data"}
