"""What `explain.loss` trains, logs and refuses, through Axolotl's own training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from axolotl.cli.args import TrainerCliArgs
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
from axolotl.core.trainers.base import AxolotlTrainer
from axolotl.train import setup_model_and_trainer, train
from safetensors.torch import load_file
from transformers import TrainerCallback

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.target import Kind
from axolotl_explain.tokens.join import KINDS
from axolotl_explain.training.loss_trainer import LossTrainer
from tests.fixtures.bench import Bench, entry, kept_log, sum_row
from tests.fixtures.one_step import ONE_STEP, Keep

pytestmark = pytest.mark.training
STEPS, KILLED_AFTER = 8, 5
RAMP = {"to": 0.2, "start": 0.25, "end": 0.75}


class Killed(Exception):
    """Stands for the signal that ends a run."""


class Kill(TrainerCallback):  # type: ignore[misc]
    """Ends a run one step after its checkpoint."""

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == KILLED_AFTER:
            raise Killed


def recipe(bench: Bench, name: str, loss: Any = None, **keys: Any) -> Path:
    """Sixteen rows, half of them explained, and four to evaluate on."""
    data = bench.rows(
        [
            sum_row(index, explanations=None) if index % 2 else sum_row(index)
            for index in range(16)
        ]
    )
    held_out = bench.rows([sum_row(index) for index in range(20, 24)], "test.jsonl")
    explain: dict[str, Any] = {"on_missing_level": "answer_only"}
    if loss is not None:
        explain["loss"] = loss
    defaults = {
        "datasets": [entry(data)],
        "test_datasets": [entry(held_out)],
        "explain": explain,
        "output_dir": str(bench.folder / name),
        "max_steps": STEPS,
        "num_epochs": None,
        "logging_steps": 1,
        "eval_steps": 4,
        "save_steps": 4,
        "learning_rate": 0.002,
    }
    return bench.write(f"{name}.yml", **{**defaults, **keys})


def loaded(path: Path) -> tuple[Any, Any]:
    cfg = load_cfg(str(path))
    return cfg, load_datasets(cfg=cfg, cli_args=TrainerCliArgs())


def trainer_of(path: Path) -> Any:
    return setup_model_and_trainer(*loaded(path))[0]


def history(folder: Path) -> list[dict[str, float]]:
    state = folder / f"checkpoint-{STEPS}" / "trainer_state.json"
    log: list[dict[str, float]] = json.loads(state.read_text("utf-8"))["log_history"]
    return log


def test_without_the_block_training_is_axolotls_own(bench: Bench) -> None:
    trainer = trainer_of(recipe(bench, "plain"))
    assert type(trainer) is AxolotlTrainer
    assert KINDS not in trainer.train_dataset.column_names


def test_equal_weights_without_accumulation_train_what_axolotl_trains(
    bench: Bench,
) -> None:
    for name, loss in (("plain", None), ("exact", {})):
        cfg, meta = loaded(recipe(bench, name, loss))
        train(cfg=cfg, dataset_meta=meta)
    plain, exact = (bench.folder / name for name in ("plain", "exact"))
    losses = [
        [one["loss"] for one in history(folder) if "loss" in one]
        for folder in (plain, exact)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    one, other = (load_file(folder / "model.safetensors") for folder in (plain, exact))
    for weight, values in one.items():
        assert torch.allclose(values, other[weight], atol=1e-5), weight


def test_the_log_holds_each_kind_and_the_weight_of_each_step(bench: Bench) -> None:
    """Killed in the middle and started again; every figure of every step adds up."""
    loss = {"weights": {"explanation": 0.8}, "schedule": {"explanation": RAMP}}
    path = recipe(
        bench,
        "killed",
        loss,
        gradient_accumulation_steps=2,
        auto_resume_from_checkpoints=True,
    )
    trainer = trainer_of(path)
    trainer.add_callback(Kill())
    with pytest.raises(Killed):
        trainer.train()
    cfg, meta = loaded(path)
    train(cfg=cfg, dataset_meta=meta)
    log = history(bench.folder / "killed")
    steps = {int(one["step"]): one for one in log if "loss" in one}
    assert sorted(steps) == list(range(1, STEPS + 1))
    weights = [steps[step]["weight_explanation"] for step in sorted(steps)]
    assert weights == pytest.approx([0.8, 0.8, 0.8, 0.65, 0.5, 0.35, 0.2, 0.2])
    for one in steps.values():
        kinds = [name[5:] for name in one if name.startswith("loss_")]
        assert set(kinds) == {"explanation", "answer", "end"}
        assert sum(one[f"share_{kind}"] for kind in kinds) == pytest.approx(1)
        whole = sum(one[f"share_{kind}"] * one[f"loss_{kind}"] for kind in kinds)
        assert one["loss"] == pytest.approx(whole, rel=1e-4)


def test_an_evaluation_reads_all_tokens_at_once(bench: Bench) -> None:
    """However its rows are cut; weighted as training began."""
    found = []
    for size in (1, 4):
        loss = {
            "weights": {"explanation": 0.1},
            "schedule": {"explanation": {"to": 0.0}},
        }
        path = recipe(bench, f"eval{size}", loss, eval_batch_size=size)
        found.append(trainer_of(path).evaluate())
    one, four = found
    names = ("eval_loss", "eval_loss_explanation", "eval_loss_answer")
    assert [one[name] for name in names] == pytest.approx([four[n] for n in names])
    whole = sum(
        one[f"eval_share_{kind}"] * one[f"eval_loss_{kind}"]
        for kind in ("explanation", "answer", "end")
    )
    assert one["eval_loss"] == pytest.approx(whole, rel=1e-5)
    assert 0.1 < one["eval_share_explanation"] < 0.4


class WithoutExplanations:
    """A collator whose batches do not say that explanations are there to be read."""

    def __init__(self, collate: Any) -> None:
        self.collate = collate

    def __call__(self, features: Any) -> Any:
        batch = self.collate(features)
        batch[KINDS][batch[KINDS] == Kind.EXPLANATION] = -1
        return batch


def test_a_weight_of_0_is_the_gradient_of_the_answers_alone(bench: Bench) -> None:
    gradients = []
    for weight in (0.0, 1.0):
        loss = {"weights": {"explanation": weight}}
        trainer = trainer_of(recipe(bench, "zero", loss, **ONE_STEP))
        if weight:
            trainer.data_collator = WithoutExplanations(trainer.data_collator)
        keep = Keep()
        trainer.add_callback(keep)
        trainer.train()
        gradients.append(keep.gradient)
    for name, values in gradients[0].items():
        assert torch.equal(values, gradients[1][name]), name


def test_the_weights_are_said_with_the_part_of_the_loss_they_give(bench: Bench) -> None:
    lines: list[str] = []
    with kept_log(lines):
        trainer = trainer_of(recipe(bench, "share", {"share": {"answer": 0.5}}))
    (line,) = [one for one in lines if "explain.loss" in one]
    assert "answer 1 (50.0 % of the loss)" in line
    assert isinstance(trainer, LossTrainer)


def test_a_weight_that_no_token_has_is_refused(bench: Bench) -> None:
    data = bench.rows([sum_row(0, explanations=None)], "plain.jsonl")
    loss = {"weights": {"explanation": 0.3}}
    path = recipe(bench, "none", loss, datasets=[entry(data)])
    with pytest.raises(ExplainError, match=r"weights\.explanation: none of the"):
        trainer_of(path)
