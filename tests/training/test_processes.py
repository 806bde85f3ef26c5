"""Several processes agree with one; what was killed goes on as if it had not been."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from axolotl.cli.args import TrainerCliArgs
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
from axolotl.train import setup_model_and_trainer, train
from safetensors.torch import load_file
from transformers import TrainerCallback

from tests.fixtures import forked
from tests.fixtures.bench import ROOT, Bench, entry, sum_row

pytestmark = pytest.mark.training
STEPS = 6
EVERY_STEP = {
    "max_steps": STEPS,
    "logging_steps": 1,
    "save_steps": 3,
    "learning_rate": 0.002,
    "explain": {"level": "long"},
}
NOISE = 1e-5


class Killed(Exception):
    """Stands for the signal that ends a run."""


class Kill(TrainerCallback):  # type: ignore[misc]
    """Ends the run after its fourth step, one after the checkpoint."""

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == 4:
            raise Killed


def recipe(bench: Bench, name: str, **keys: Any) -> Path:
    rows = bench.rows([sum_row(index) for index in range(24)])
    places = {"output_dir": str(bench.folder / name)}
    return bench.write(
        f"{name}.yml", datasets=[entry(rows)], **EVERY_STEP, **places, **keys
    )


def prepared(path: Path) -> tuple[Any, Any]:
    cfg = load_cfg(str(path))
    return cfg, load_datasets(cfg=cfg, cli_args=TrainerCliArgs())


def losses(folder: Path) -> dict[int, float]:
    """Step -> training loss, as the last checkpoint tells it."""
    state = folder / f"checkpoint-{STEPS}" / "trainer_state.json"
    log = json.loads(state.read_text("utf-8"))["log_history"]
    return {one["step"]: one["loss"] for one in log if "loss" in one}


def assert_same_weights(one: Path, other: Path) -> None:
    left, right = (load_file(folder / "model.safetensors") for folder in (one, other))
    assert set(left) == set(right)
    for name, weight in left.items():
        assert torch.allclose(weight, right[name], atol=NOISE), name


def test_two_processes_train_what_one_trains(bench: Bench) -> None:
    path = recipe(bench, "two", micro_batch_size=2, gradient_accumulation_steps=1)
    on_cpu = {"ACCELERATE_USE_CPU": "true"}
    done = forked.run_ranks("tests.fixtures.on_cpu", str(path), cwd=ROOT, env=on_cpu)
    assert done.returncode == 0, done.stderr[-3_000:]
    cfg, meta = prepared(
        recipe(bench, "one", micro_batch_size=2, gradient_accumulation_steps=2)
    )
    train(cfg=cfg, dataset_meta=meta)
    one, two = bench.folder / "one", bench.folder / "two"
    assert losses(two) == pytest.approx(losses(one), abs=NOISE)
    assert_same_weights(two, one)
    assert len(list((bench.folder / "prepared").glob("*/dataset_info.json"))) == 1


def test_a_killed_run_goes_on_where_it_was(bench: Bench) -> None:
    cfg, meta = prepared(recipe(bench, "whole"))
    train(cfg=cfg, dataset_meta=meta)
    path = recipe(bench, "killed", auto_resume_from_checkpoints=True)
    trainer, *_ = setup_model_and_trainer(*prepared(path))
    trainer.add_callback(Kill())
    with pytest.raises(Killed):
        trainer.train()
    folders = sorted(folder.name for folder in (bench.folder / "killed").iterdir())
    assert "checkpoint-3" in folders
    assert f"checkpoint-{STEPS}" not in folders
    cfg, meta = prepared(path)
    *_, again = train(cfg=cfg, dataset_meta=meta)
    assert again.state.global_step == STEPS
    whole, killed = bench.folder / "whole", bench.folder / "killed"
    assert losses(killed) == pytest.approx(losses(whole), abs=NOISE)
    assert_same_weights(killed, whole)
