"""Sweeps that go on elsewhere: what is packed there, and what comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from axolotl_explain.sweep.run_file import RunState, read_state, write_state
from reproduction.unfinished import keep, restore


def finish(folder: Path, evaluation: str | None = "e") -> None:
    """A run with what is kept of it, and with what is not."""
    last = folder / "checkpoint-9"
    last.mkdir(parents=True)
    (last / "trainer_state.json").write_text(f'{{"global_step": 9, "in": "{folder}"}}')
    (folder / "model.safetensors").write_text("large")
    (folder / "evaluation").mkdir()
    (folder / "evaluation/metrics.json").write_text('{"levels": {}}')
    write_state(folder, RunState("t", trained=True, evaluation=evaluation))


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """Two runs that are finished, one that tuned and one of the grid, and one not."""
    sweep = tmp_path / "outputs/long"
    finish(sweep / "tuning/runs/first")
    finish(sweep / "runs/second")
    finish(sweep / "runs/third", evaluation=None)
    return tmp_path / "outputs"


def test_finished_runs_come_back_without_their_models(
    outputs: Path, tmp_path: Path
) -> None:
    assert keep(outputs, tmp_path / "kept") == {"long": 2}
    elsewhere = tmp_path / "elsewhere"
    assert restore(elsewhere, tmp_path / "kept") == {"long": 2}
    names = [path for path in elsewhere.rglob("*") if path.is_file()]
    assert {path.relative_to(elsewhere / "long").as_posix() for path in names} == {
        f"{run}/{part}"
        for run in ("tuning/runs/first", "runs/second")
        for part in (
            *("run.json", "evaluation/metrics.json"),
            "checkpoint-9/trainer_state.json",
        )
    }
    for run in ("tuning/runs/first", "runs/second"):
        place = Path("long") / run
        assert read_state(elsewhere / place) == read_state(outputs / place)


def test_what_is_there_already_stays(outputs: Path, tmp_path: Path) -> None:
    keep(outputs, tmp_path / "kept")
    state = outputs / "long/runs/second/run.json"
    state.write_text("{}")
    assert restore(outputs, tmp_path / "kept") == {"long": 0}
    assert state.read_text() == "{}"


def test_what_was_kept_elsewhere_is_not_lost(outputs: Path, tmp_path: Path) -> None:
    keep(outputs, tmp_path / "kept")
    fresh = tmp_path / "fresh"
    finish(fresh / "long/runs/fourth")
    assert keep(fresh, tmp_path / "kept") == {"long": 3}
    assert restore(tmp_path / "third", tmp_path / "kept") == {"long": 3}


def test_the_same_runs_give_the_same_bytes(outputs: Path, tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        keep(outputs, tmp_path / name)
        made.append((tmp_path / name / "long.tar.xz").read_bytes())
    assert made[0] == made[1]


def test_a_sweep_that_has_ended_is_not_kept(outputs: Path, tmp_path: Path) -> None:
    keep(outputs, tmp_path / "kept")
    results = outputs / "long/results.json"
    for runs in ([{"state": "new"}], []):
        results.write_text(json.dumps({"runs": runs}))
        assert keep(outputs, tmp_path / "kept") == {"long": 2}
    results.write_text(json.dumps({"runs": [{"state": "finished"}]}))
    assert keep(outputs, tmp_path / "kept") == {}
    assert list((tmp_path / "kept").iterdir()) == []
