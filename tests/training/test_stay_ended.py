"""A training that had ended when it was killed goes on by no step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments

from axolotl_explain.training.callbacks import StayEnded


class Line(nn.Module):
    """y = a·x, with the loss that a trainer asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.ones(1))

    def forward(self, x: Any, labels: Any) -> dict[str, Any]:
        return {"loss": ((self.a * x - labels) ** 2).mean()}


class StopAt(TrainerCallback):  # type: ignore[misc]
    """Ends as a stage does, whose answers are good enough."""

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 4:
            control.should_training_stop = control.should_save = True


def train(folder: Path, *callbacks: Any, resumed: str | None = None) -> Trainer:
    rows = [{"x": torch.tensor([n / 10]), "labels": torch.ones(1)} for n in range(6)]
    args = TrainingArguments(
        str(folder),
        max_steps=5,
        per_device_train_batch_size=2,
        learning_rate=0.1,
        lr_scheduler_type="constant",
        weight_decay=0.1,
        save_steps=2,
        use_cpu=True,
        report_to=[],
        seed=1,
        disable_tqdm=True,
    )
    trainer = Trainer(Line(), args, train_dataset=rows, callbacks=list(callbacks))
    trainer.train(resume_from_checkpoint=resumed)
    return trainer


@pytest.mark.parametrize(("stop", "last"), [([], 5), ([StopAt], 4)])
def test_the_model_is_that_of_the_unbroken_training(
    tmp_path: Path, stop: list[Any], last: int
) -> None:
    whole = train(tmp_path, *(one() for one in stop))
    kept = str(tmp_path / f"checkpoint-{last}")
    again = train(tmp_path, *(one() for one in stop), StayEnded(), resumed=kept)
    assert torch.equal(again.model.a, whole.model.a)
    assert again.state.global_step == last


def test_without_it_there_would_be_a_step_more(tmp_path: Path) -> None:
    whole = train(tmp_path)
    again = train(tmp_path, resumed=str(tmp_path / "checkpoint-5"))
    assert not torch.equal(again.model.a, whole.model.a)


def test_a_training_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    whole = train(tmp_path)
    kept = str(tmp_path / "checkpoint-2")
    again = train(tmp_path, StayEnded(), resumed=kept)
    assert torch.equal(again.model.a, whole.model.a)
    assert again.state.global_step == 5
