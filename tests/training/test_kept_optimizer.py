"""An optimizer that goes on from the moments of the stage before."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from axolotl.utils.dict import DictDefault

from axolotl_explain.recipe.internalise_options import InternaliseOptions
from axolotl_explain.training.kept_optimizer import KeepOptimizer
from tests.fixtures.bench import refusal


def optimizer(size: int = 3, rate: float = 0.1) -> tuple[Any, Any]:
    weight = torch.nn.Parameter(torch.ones(size))
    return weight, torch.optim.AdamW([weight], lr=rate)


def step(weight: Any, one: Any) -> None:
    (weight * torch.arange(float(len(weight)))).sum().backward()
    one.step()
    one.zero_grad()


@pytest.fixture
def before(tmp_path: Path) -> tuple[Any, Path]:
    """An optimizer after three steps, and the folder that it was saved in."""
    weight, one = optimizer()
    for _ in range(3):
        step(weight, one)
    (tmp_path / "stage-0/checkpoint-3").mkdir(parents=True)
    folder = tmp_path / "stage-0"
    torch.save(one.state_dict(), folder / "checkpoint-3/optimizer.pt")
    return one, folder


def callback(folder: Path, **keys: Any) -> KeepOptimizer | None:
    options = InternaliseOptions(
        stage=1, reset_optimizer=False, optimizer_from=str(folder)
    )
    return KeepOptimizer.of(DictDefault(keys), options)


def begin(kept: KeepOptimizer | None, fresh: Any, global_step: int = 0) -> None:
    assert kept is not None
    state = SimpleNamespace(global_step=global_step)
    kept.on_train_begin(None, state, None, optimizer=fresh)


def test_moments_go_on_and_the_learning_rate_is_the_new_one(
    before: tuple[Any, Path],
) -> None:
    old, folder = before
    weight, fresh = optimizer(rate=0.5)
    begin(callback(folder), fresh)
    state, kept = fresh.state[weight], next(iter(old.state.values()))
    for name in ("step", "exp_avg", "exp_avg_sq"):
        assert torch.equal(state[name], kept[name])
    assert fresh.param_groups[0]["lr"] == 0.5


def test_a_training_that_goes_on_itself_keeps_its_own(
    before: tuple[Any, Path],
) -> None:
    weight, fresh = optimizer()
    begin(callback(before[1]), fresh, global_step=5)
    assert weight not in fresh.state


def test_each_stage_begins_with_a_fresh_one_unless_asked(tmp_path: Path) -> None:
    assert KeepOptimizer.of(DictDefault(), InternaliseOptions(stage=1)) is None


def test_what_cannot_be_taken_over_is_refused(
    before: tuple[Any, Path], tmp_path: Path
) -> None:
    assert "with deepspeed each device holds a part" in (
        refusal(callback, before[1], deepspeed="zero3.json")
    )
    assert "optimizer.pt, which the last checkpoint" in refusal(callback, tmp_path)
    _, other = optimizer()
    other.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
    assert "is of an optimizer of other parameters" in (
        refusal(begin, callback(before[1]), other)
    )
