"""The loss of explanations and of answers, as the trainer's log has it."""

from __future__ import annotations

import json
from pathlib import Path

from axolotl_explain.results.loss_curves import LossCurve, read_losses_by_kind

LOG = [
    {"step": 1, "loss": 2.0, "loss_explanation": 3.0, "loss_answer": 1.5}
    | {"share_explanation": 0.9, "share_answer": 0.1},
    {"step": 2, "eval_loss": 2.0, "eval_loss_explanation": 2.8, "eval_loss_answer": 1},
    {"step": 2, "loss": 1.0, "loss_explanation": 2.5, "loss_answer": 0.5}
    | {"share_explanation": 0.2, "share_answer": 0.8},
    {"step": 2, "train_loss": 1.5, "loss_answer": "broken"},
]


def state(folder: Path, log: object) -> Path:
    (folder / "trainer_state.json").write_text(json.dumps({"log_history": log}))
    return folder


def test_each_kind_has_a_curve_of_training_and_one_of_evaluation(
    tmp_path: Path,
) -> None:
    found = read_losses_by_kind(state(tmp_path, LOG), [])
    assert found.curves == [
        LossCurve("explanation", "training", {1: 3.0, 2: 2.5}),
        LossCurve("explanation", "evaluation", {2: 2.8}),
        LossCurve("answer", "training", {1: 1.5, 2: 0.5}),
        LossCurve("answer", "evaluation", {2: 1.0}),
    ]
    assert found.shares == {"explanation": (0.9, 0.2), "answer": (0.1, 0.8)}


def test_a_training_without_weights_has_none(tmp_path: Path) -> None:
    found = read_losses_by_kind(state(tmp_path, [{"step": 1, "loss": 2.0}]), [])
    assert not found.curves
    assert not found.shares
