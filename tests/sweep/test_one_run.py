"""What a run keeps, what it runs again, and how it shows a failure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.archive import bring_back, find_runs
from axolotl_explain.sweep.commands import CommandResult, Commands, StoppedError
from axolotl_explain.sweep.one_run import EVALUATING, TRAINING, SweepRun
from axolotl_explain.sweep.run_file import read_state


@dataclass(slots=True)
class Recorded(Commands):
    """Commands that only leave the files that the real ones leave."""

    ran: list[str] = field(default_factory=list)
    fails: str = ""
    stops: str = ""

    def run(
        self,
        command: list[str],
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> CommandResult:
        step = EVALUATING if "eval" in command else TRAINING
        self.ran.append(step)
        if step == self.stops:
            raise StoppedError
        if step == self.fails:
            raise ExplainError("ended with exit code 1")
        if step == EVALUATING:
            results = folder / "evaluation"
            results.mkdir(parents=True, exist_ok=True)
            (results / "metrics.json").write_text("{}")
        else:
            (folder / "model.safetensors").write_text("weights")
        return CommandResult(2.0, 5)


@pytest.fixture
def run(tmp_path: Path) -> SweepRun:
    return SweepRun(
        name="long",
        recipe_file=tmp_path / "long.yml",
        recipe={"seed": 1},
        folder=tmp_path / "runs" / "long",
        eval_data=["test.jsonl", "test_long.jsonl"],
        training_fingerprint="a" * 32,
        evaluation_fingerprint="e" * 32,
        archive=tmp_path / "earlier",
    )


def execute(run: SweepRun, commands: Commands | None = None) -> Recorded:
    commands = commands or Recorded()
    run.execute(commands, {}, lambda step: None)
    assert isinstance(commands, Recorded)
    return commands


def checkpoint(run: SweepRun, step: int, state: str | None) -> Path:
    folder = run.folder / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    if state is not None:
        (folder / "trainer_state.json").write_text(state)
    return folder


def test_a_finished_run_runs_nothing_again(run: SweepRun) -> None:
    assert run.stage() == "new"
    assert execute(run).ran == [TRAINING, EVALUATING]
    assert run.stage() == "finished"
    assert execute(run).ran == []


def test_the_recipe_is_written_as_it_is_trained(run: SweepRun) -> None:
    execute(run)
    assert yaml.safe_load(run.recipe_file.read_text()) == {"seed": 1}


def test_another_recipe_starts_from_nothing_and_deletes_nothing(run: SweepRun) -> None:
    execute(run)
    (run.folder / "left.txt").write_text("from before")
    other = replace(run, training_fingerprint="b" * 32)
    assert other.stage() == "changed"
    assert execute(other).ran == [TRAINING, EVALUATING]
    assert not (run.folder / "left.txt").exists()
    (kept,) = run.archive.glob("long.aaaaaaaa/left.txt")
    assert kept.read_text() == "from before"


def test_a_model_that_nobody_knows_is_put_aside(run: SweepRun) -> None:
    run.folder.mkdir(parents=True)
    (run.folder / "model.safetensors").write_text("of somebody else")
    execute(run)
    assert (run.archive / "long.unknown" / "model.safetensors").is_file()


def test_another_evaluation_trains_nothing(run: SweepRun) -> None:
    execute(run)
    other = replace(run, evaluation_fingerprint="f" * 32)
    assert other.stage() == "trained"
    assert execute(other).ran == [EVALUATING]


def test_a_run_that_was_stopped_keeps_its_checkpoints(run: SweepRun) -> None:
    with pytest.raises(StoppedError):
        execute(run, Recorded(stops=TRAINING))
    kept = checkpoint(run, 25, '{"global_step": 25}')
    assert run.stage() == "interrupted"
    execute(run)
    assert kept.is_dir()


def test_checkpoints_that_are_not_whole_are_not_resumed_from(run: SweepRun) -> None:
    with pytest.raises(StoppedError):
        execute(run, Recorded(stops=TRAINING))
    whole = checkpoint(run, 25, '{"global_step": 25}')
    broken = [checkpoint(run, 50, None), checkpoint(run, 75, '{"global_st')]
    execute(run)
    assert whole.is_dir()
    assert not any(folder.exists() for folder in broken)


def test_prepared_data_that_are_not_whole_are_prepared_anew(
    run: SweepRun, tmp_path: Path
) -> None:
    prepared = tmp_path / "prepared"
    run = replace(run, recipe={"dataset_prepared_path": str(prepared)})
    with pytest.raises(StoppedError):
        execute(run, Recorded(stops=TRAINING))
    for name, info in (("whole", "{}"), ("cut", '{"citat'), ("begun", None)):
        (prepared / name).mkdir(parents=True)
        (prepared / name / "data-00000-of-00001.arrow").write_bytes(b"rows")
        if info is not None:
            (prepared / name / "dataset_info.json").write_text(info)
    with pytest.raises(StoppedError):
        execute(run, Recorded(stops=TRAINING))
    assert [path.name for path in prepared.iterdir()] == ["whole"]


def test_a_run_stopped_in_its_evaluation_is_not_trained_again(run: SweepRun) -> None:
    with pytest.raises(StoppedError):
        execute(run, Recorded(stops=EVALUATING))
    assert run.stage() == "trained"
    assert execute(run).ran == [EVALUATING]
    kept = read_state(run.folder)
    assert kept is not None
    assert kept.seconds == {TRAINING: 2.0, EVALUATING: 2.0}


def test_a_failure_names_step_and_run_and_can_be_tried_again(run: SweepRun) -> None:
    with pytest.raises(ExplainError, match="training long ended with exit code 1"):
        execute(run, Recorded(fails=TRAINING))
    assert execute(run).ran == [TRAINING, EVALUATING]


def test_the_commands_are_those_that_a_user_types(run: SweepRun) -> None:
    from axolotl_explain.cli.evaluate import evaluate

    commands = replace(run, eval_options=("--limit", "5")).commands()
    assert " ".join(commands[TRAINING]) == (
        f"accelerate launch --cpu --quiet -m axolotl.cli.train {run.recipe_file}"
    )
    assert commands[EVALUATING][:2] == ["axolotl-explain", "eval"]
    run.recipe_file.write_text("")
    run.folder.mkdir(parents=True)
    read = evaluate.make_context("eval", commands[EVALUATING][2:]).params
    assert read["data"] == ("test.jsonl", "test_long.jsonl")
    assert (read["limit"], read["out"]) == (5, run.results)
    assert "--cpu" not in replace(run, cpu=False).commands()[TRAINING]


def test_a_run_is_found_again_under_its_new_name(run: SweepRun) -> None:
    execute(run)
    renamed = replace(run, name="long-seed1", folder=run.folder.parent / "long-seed1")
    found = find_runs({renamed.folder: run.training_fingerprint}, [run.folder.parent])
    bring_back(found, run.archive)
    assert renamed.stage() == "finished"
    assert not run.folder.exists()


def test_a_change_that_is_taken_back_finds_its_run(run: SweepRun) -> None:
    execute(run)
    execute(replace(run, training_fingerprint="b" * 32))
    shelves = [run.folder.parent, run.archive]
    bring_back(find_runs({run.folder: run.training_fingerprint}, shelves), run.archive)
    assert run.stage() == "finished"
    assert [path.name for path in run.archive.iterdir()] == ["long.bbbbbbbb"]


def test_two_runs_may_change_names(run: SweepRun) -> None:
    other = replace(
        run,
        name="none",
        folder=run.folder.parent / "none",
        training_fingerprint="b" * 32,
    )
    for one in (run, other):
        execute(one)
    swapped = {
        run.folder: other.training_fingerprint,
        other.folder: run.training_fingerprint,
    }
    bring_back(find_runs(swapped, [run.folder.parent]), run.archive)
    for folder, training in swapped.items():
        assert json.loads((folder / "run.json").read_text())["training"] == training


def test_a_run_in_its_place_is_not_taken_for_another(run: SweepRun) -> None:
    execute(run)
    twin = run.folder.parent / "twin"
    wanted = {run.folder: run.training_fingerprint, twin: run.training_fingerprint}
    assert find_runs(wanted, [run.folder.parent]) == {}
