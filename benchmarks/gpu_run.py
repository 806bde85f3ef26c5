"""Train one recipe for a number of steps and print its speed and peak memory as JSON.

python benchmarks/gpu_run.py recipe.yml; `gpu.py` runs it in a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")

import torch
from axolotl.cli.args import TrainerCliArgs
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
from axolotl.train import setup_model_and_trainer
from transformers import TrainerCallback

WARMUP = 3
"""Steps before the clock starts: kernels are compiled and buffers grow meanwhile."""
GIB = 2**30


class Clock(TrainerCallback):  # type: ignore[misc]
    """Notes the time at the end of each step, once the card has done its work."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Called by the trainer."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.times.append(time.perf_counter())


def measure(path: str) -> dict[str, Any]:
    """Tokens per second after warming up, losses, and the peak of the card's memory."""
    cfg = load_cfg(path)
    meta = load_datasets(cfg=cfg, cli_args=TrainerCliArgs())
    trainer, *_ = setup_model_and_trainer(cfg, meta)
    clock = Clock()
    trainer.add_callback(clock)
    trainer.train()
    steps = len(clock.times) - WARMUP
    tokens = cfg.micro_batch_size * cfg.gradient_accumulation_steps * cfg.sequence_len
    seconds = clock.times[-1] - clock.times[WARMUP - 1]
    losses = [one["loss"] for one in trainer.state.log_history if "loss" in one]
    return {
        "steps": steps,
        "tokens_per_second": round(steps * tokens / seconds, 1),
        "first_loss": losses[0],
        "last_loss": losses[-1],
        **_peak(),
    }


def _peak() -> dict[str, Any]:
    if not torch.cuda.is_available():
        return {"card": None, "allocated_gib": None, "reserved_gib": None}
    free, total = torch.cuda.mem_get_info()
    outside = (total - free) - torch.cuda.memory_reserved()
    return {
        "card": torch.cuda.get_device_name(),
        "allocated_gib": round(torch.cuda.max_memory_allocated() / GIB, 3),
        "reserved_gib": round(torch.cuda.max_memory_reserved() / GIB, 3),
        "outside_torch_gib": round(outside / GIB, 3),
    }


if __name__ == "__main__":
    result = measure(sys.argv[1])
    print("RESULT " + json.dumps(result), flush=True)
