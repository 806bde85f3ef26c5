"""The weights that a model was trained with stand in the log and beside the model."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from axolotl_explain.core.loss_weights import EQUAL, LossWeights, Ramp
from axolotl_explain.training.loss_record import (
    RECORD,
    RecordLoss,
    loss_record,
    read_loss_record,
)
from tests.fixtures.bench import Bench, entry, sum_row
from tests.fixtures.one_step import ONE_STEP, first_step


def kept(folder: Path) -> Any:
    return json.loads((folder / RECORD).read_text("utf-8"))


def saved(record: Any, folder: Path, step: int = 5) -> None:
    """A training that begins and saves one checkpoint."""
    args = SimpleNamespace(output_dir=str(folder))
    state = SimpleNamespace(is_world_process_zero=True, global_step=step)
    callback = RecordLoss(record)
    callback.on_train_begin(args, state, None)
    callback.on_save(args, state, None)


def test_a_record_has_weights_schedule_tokens_and_shares() -> None:
    weights = LossWeights(
        {**EQUAL, "explanation": 0.1}, {"explanation": Ramp(0.0, 0.5)}
    )
    tokens = {"prompt": 50, "explanation": 100, "answer": 10, "end": 5, "other": 0}
    found = loss_record(weights, tokens)  # type: ignore[arg-type]
    assert found["weights"] == {
        "prompt": 0.0,
        "explanation": 0.1,
        "answer": 1.0,
        "end": 1.0,
        "other": 1.0,
    }
    assert found["schedule"] == {"explanation": {"to": 0.0, "start": 0.5, "end": 1.0}}
    assert found["tokens"] == tokens
    assert found["shares"] == pytest.approx(
        {"prompt": 0, "explanation": 10 / 25, "answer": 10 / 25, "end": 0.2, "other": 0}
    )


def test_a_model_its_checkpoints_and_what_is_merged_from_it_have_one(
    tmp_path: Path,
) -> None:
    checkpoint, merged = tmp_path / "out" / "checkpoint-5", tmp_path / "out" / "merged"
    for folder in (checkpoint, merged):
        folder.mkdir(parents=True)
    record = loss_record(LossWeights(EQUAL))
    saved(record, tmp_path / "out")
    assert kept(checkpoint) == record
    for folder in (tmp_path / "out", checkpoint, merged):
        assert read_loss_record(str(folder)) == record
    assert read_loss_record(str(tmp_path)) is None


def test_a_training_without_weights_leaves_none_of_another(tmp_path: Path) -> None:
    (tmp_path / "checkpoint-5").mkdir()
    saved(loss_record(LossWeights(EQUAL)), tmp_path)
    saved(None, tmp_path)
    assert not list(tmp_path.rglob(RECORD))


def test_other_processes_write_nothing(tmp_path: Path) -> None:
    args = SimpleNamespace(output_dir=str(tmp_path))
    state = SimpleNamespace(is_world_process_zero=False, global_step=5)
    RecordLoss(loss_record(LossWeights(EQUAL))).on_train_begin(args, state, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.training
def test_a_training_says_its_weights_and_keeps_them(
    bench: Bench, log: list[str]
) -> None:
    path = bench.write(
        datasets=[entry(bench.rows(sum_row(index) for index in range(4)))],
        explain={"loss": {"share": {"answer": 0.5}}},
        **ONE_STEP,
    )
    _, trainer = first_step(path)
    found = kept(bench.folder / "out")
    assert found["shares"]["answer"] == pytest.approx(0.5)
    assert found["weights"]["answer"] == 1.0
    masses = {kind: found["weights"][kind] * found["tokens"][kind] for kind in EQUAL}
    assert masses["answer"] == pytest.approx(sum(masses.values()) / 2)
    weight = found["weights"]["explanation"]
    (said,) = [line for line in log if "explain.loss: weights: " in line]
    assert f"explanation {weight:.4g} (" in said
    assert "answer 1 (50.0 % of the loss)" in said
    assert trainer.state.log_history[0]["weight_answer"] == 1.0
