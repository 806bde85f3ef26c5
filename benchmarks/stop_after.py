"""A plugin for Axolotl that ends training after BENCHMARK_SECONDS, and notes the steps.

What was trained by then is saved as any other training is.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from axolotl.integrations.base import BasePlugin
from transformers import TrainerCallback

NOTED = "stopped.json"


class StopAfter(BasePlugin):  # type: ignore[misc]
    """Adds the callback."""

    def add_callbacks_post_trainer(self, cfg: Any, trainer: Any) -> list[Any]:
        """Called by Axolotl once there is a trainer."""
        return [_Clock(float(os.environ["BENCHMARK_SECONDS"]))]


class _Clock(TrainerCallback):  # type: ignore[misc]
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.start = 0.0

    def on_train_begin(self, *_: Any, **__: Any) -> None:
        self.start = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if time.monotonic() - self.start > self.seconds:
            control.should_training_stop = True

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        logged = [one for one in state.log_history if "loss" in one]
        noted = {
            "steps": state.global_step,
            "seconds": round(time.monotonic() - self.start, 1),
            "first_loss": logged[0]["loss"] if logged else None,
            "last_loss": logged[-1]["loss"] if logged else None,
        }
        path = Path(args.output_dir) / NOTED
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(noted) + "\n", "utf-8")
