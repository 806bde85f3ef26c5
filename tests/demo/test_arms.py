"""What the demo keeps, and what it runs again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from axolotl_explain.demo.arms import Arm
from axolotl_explain.demo.run import RECIPE, prepare_arms
from axolotl_explain.errors import ExplainError
from axolotl_explain.levels import LEVELS
from axolotl_explain.shipped import recipe_path


class Recorded(Arm):
    """An arm whose commands only leave the files that the real ones leave."""

    __slots__ = ()
    ran: ClassVar[list[str]] = []

    def _command(self, step: str, command: list[str], threads: int) -> None:
        self.ran.append(step)
        if step == "evaluating":
            self.evaluation.mkdir(parents=True)
            (self.evaluation / "metrics.json").write_text("{}")
        else:
            (self.folder / "model.safetensors").write_text("weights")


@pytest.fixture
def arm(tmp_path: Path) -> Recorded:
    recipe = tmp_path / "long.yml"
    recipe.write_text("seed: 1\n")
    Recorded.ran = []
    return Recorded("long", recipe, tmp_path / "long", tmp_path / "test.jsonl")


def run(arm: Arm) -> None:
    arm.run(1, lambda step: None)


def test_a_finished_arm_runs_nothing_again(arm: Recorded) -> None:
    run(arm)
    assert arm.ran == ["training", "evaluating"]
    run(arm)
    assert arm.ran == ["training", "evaluating"]


def test_another_recipe_starts_from_nothing(arm: Recorded) -> None:
    run(arm)
    (arm.folder / "left.txt").write_text("from before")
    arm.recipe.write_text("seed: 2\n")
    run(arm)
    assert arm.ran == ["training", "evaluating"] * 2
    assert not (arm.folder / "left.txt").exists()


def test_an_interrupted_arm_keeps_its_checkpoints(arm: Recorded) -> None:
    arm.discard_other()
    checkpoint = arm.folder / "checkpoint-25"
    checkpoint.mkdir()
    run(arm)
    assert checkpoint.is_dir()
    assert arm.finished()


def test_a_failing_command_shows_its_last_lines(tmp_path: Path) -> None:
    recipe = tmp_path / "long.yml"
    recipe.write_text("plugins: [no.such.Plugin]\n")
    arm = Arm("long", recipe, tmp_path / "long", tmp_path / "test.jsonl")
    arm.discard_other()
    with pytest.raises(ExplainError, match="exit code") as caught:
        arm._command("evaluating", ["axolotl_explain", "eval", "--nonsense"], 1)
    assert "--nonsense" in str(caught.value)
    assert str(arm.log) in str(caught.value)


def test_arms_differ_in_the_level_and_in_their_folders_alone(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    recipes = {
        level: yaml.safe_load(arm.recipe.read_text())
        for level, arm in prepare_arms(out).items()
    }
    assert list(recipes) == list(LEVELS)
    for level, recipe in recipes.items():
        assert recipe["explain"].pop("level") == level
        assert recipe.pop("output_dir") == str(out / level)
        assert recipe.pop("dataset_prepared_path") == str(out / "prepared" / level)
    texts = {json.dumps(recipe, sort_keys=True) for recipe in recipes.values()}
    assert len(texts) == 1
    shipped = yaml.safe_load(recipe_path(RECIPE).read_text())
    assert (
        recipes["none"]["scratch_model"]["config"] == shipped["scratch_model"]["config"]
    )
