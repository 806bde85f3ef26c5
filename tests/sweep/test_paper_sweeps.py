"""The sweeps that answer the questions of the paper, as far as planning goes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.cli import main
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.sweep.grid import read_grid
from axolotl_explain.sweep.grid_runs import plan_runs
from axolotl_explain.sweep.tuning import tuning_grid

ROOT = Path(__file__).parents[2]
NAMES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "recipes/paper").glob("*.yml")
)
GPU_RUNS = {
    "modular_sum": 3 * 6 * 3,
    "listops_levels": 3 * 6 * 3,
    "sample_efficiency": 4 * 6 * 3,
    "length_generalisation": 2 * 6 * 3,
    "convergence": 3 * 6 * 3,
}
RUNS = {
    "length_generalisation": 4 * 3,
    "loss_weights": 2 * 2 * 7 * 5,
    "listops_apart": (11 + 4) * 5,
    "listops_rows": 2 * 3 * 5,
    "wide_sums": 11 * 5,
    "longer_sums": 4 * 5,
    "internalise": 10 * 3,
    "pretrained": 7 * 3,
}
TUNING = {
    "recipes/paper/loss_weights_cpu.yml": 2 * 2 * 7 * 3,
    "recipes/paper/listops_apart_cpu.yml": (11 + 4) * 3,
    "recipes/paper/listops_rows_cpu.yml": 2 * 3 * 3,
    "recipes/paper/wide_sums_cpu.yml": 11 * 3,
    "recipes/paper/longer_sums_cpu.yml": 4 * 3,
    "recipes/paper/pretrained_cpu.yml": 7 * 3,
}
"""Sweep -> the runs by which it chooses learning rates."""

ASKED = {"recipes/paper/pretrained_cpu.yml": 4 * 2}
"""Sweep -> how often its base model is asked without training."""

CHAINS = {"recipes/paper/internalise_cpu.yml"}
"""Sweeps of which some runs are chains, whose stages are counted by their rows."""

ALL_RUNS = {
    **{f"{name}_cpu": count for name, count in RUNS.items()},
    **{f"{name}_gpu": count for name, count in GPU_RUNS.items()},
}


def header(name: str) -> list[str]:
    lines = (ROOT / name).read_text("utf-8").partition("\n\n")[0].splitlines()
    return [line.removeprefix("#").strip() for line in lines]


@pytest.fixture(autouse=True)
def at_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that has the recipes and nothing else."""
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")
    monkeypatch.chdir(tmp_path)


def test_every_sweep_is_known() -> None:
    assert [Path(name).stem for name in NAMES] == sorted(ALL_RUNS)


@pytest.mark.parametrize("name", NAMES)
def test_a_sweep_opens_with_its_question_its_time_and_its_command(name: str) -> None:
    lines = header(name)
    question = " ".join(lines).partition("  ")[0].split(". ")[0]
    assert "?" in question
    text = " ".join(lines)
    known = r"about \d+ minutes" if name.endswith("_cpu.yml") else "time is not known"
    assert re.search(f"Needs: .*{known}", text)
    assert f"Run:   axolotl explain sweep {name}" in lines


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_prints_every_run_and_writes_nothing(
    name: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(
        main, ["sweep", name, "--dry-run"], catch_exceptions=False
    )
    assert done.exit_code == 0
    count = ALL_RUNS[Path(name).stem]
    if name in TUNING:
        whole = count + ASKED.get(name, 0)
        assert f"Then {whole} runs with what is chosen by these." in done.output
        count = TUNING[name]
    assert done.output.count("to run") == count
    assert f"{count} runs, each in a folder below outputs/paper" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["recipes"]


@pytest.mark.parametrize("name", sorted({*NAMES} - {*TUNING} - CHAINS))
def test_every_sweep_has_its_controls_and_three_seeds(name: str) -> None:
    grid = read_grid(name)
    runs = [one.run.recipe for one in plan_runs(grid, read_recipe(grid.recipe))]
    explained = [run["explain"] for run in runs]
    assert any(block["level"] == "none" for block in explained)
    assert any(block.get("order") == "answer_first" for block in explained)
    assert any(block.get("control") == "shuffle_steps" for block in explained)
    seeds = {(run["seed"], run["scratch_model"]["seed"]) for run in runs}
    assert seeds == {(1, 1), (2, 2), (3, 3)}


@pytest.mark.parametrize("name", TUNING)
def test_a_tuned_sweep_chooses_by_a_seed_that_is_not_used_again(name: str) -> None:
    grid = read_grid(name)
    base = read_recipe(grid.recipe)
    tuning = tuning_grid(grid, base)
    assert tuning is not None
    chosen_by = {one.run.recipe["seed"] for one in plan_runs(tuning, base)}
    judged_by = {one.run.recipe["seed"] for one in plan_runs(grid, base)}
    assert len(judged_by) == (3 if name in ASKED else 5)
    assert not chosen_by & judged_by


@pytest.mark.parametrize("name", NAMES)
def test_runs_can_go_on_after_an_interruption(name: str) -> None:
    grid = read_grid(name)
    planned = plan_runs(grid, read_recipe(grid.recipe))
    for one in (each for each in planned if not each.run.untrained):
        assert one.run.recipe["auto_resume_from_checkpoints"]
        if one.run.chain is not None:
            continue
        assert one.steps is not None
        often = one.run.recipe.get("saves_per_epoch")
        assert often or one.run.recipe["save_steps"] * 4 <= one.steps


@pytest.mark.parametrize("name", sorted(CHAINS))
def test_arms_of_a_chain_take_as_many_steps(name: str) -> None:
    grid = read_grid(name)
    steps = {}
    for one in plan_runs(grid, read_recipe(grid.recipe)):
        recipe = one.run.recipe
        options = recipe["explain"].get("internalise") or {}
        lines = recipe["task_data"]["options"]["max_length"] - 1
        stages = min(lines, options.get("max_stages", lines)) if options else 0
        taken = recipe["max_steps"] + stages * options.get("steps", 0)
        steps[one.choices["arm"]] = taken
    assert steps.pop("none_tokens") > steps["stages"]
    assert steps.pop("explained") < steps["stages"]
    assert {*steps.values()} == {steps["stages"]}


def test_arms_of_a_sweep_differ_in_nothing_but_what_is_taught() -> None:
    grid = read_grid("recipes/paper/wide_sums_cpu.yml")
    planned = plan_runs(grid, read_recipe(grid.recipe))
    texts = set()
    for one in planned:
        longer = one.choices["arm"].endswith("_tokens")
        if one.choices["seed"] == "seed1" and not longer:
            recipe = dict(one.run.recipe)
            for key in ("explain", "output_dir", "dataset_prepared_path"):
                del recipe[key]
            texts.add(yaml.safe_dump(recipe))
    assert len(texts) == 1
