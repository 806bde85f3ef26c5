"""How many tokens a training has seen, also where it goes on from a checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from axolotl.core.trainers.constants import TOKENS_STATE_FILE
from transformers import TrainerCallback


class GoOnCounting(TrainerCallback):  # type: ignore[misc]
    """Has what a training logs count from its beginning, not from its checkpoint."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        restore_tokens(Path(args.output_dir), state)


def restore_tokens(folder: Path, state: Any) -> None:
    """Go on counting tokens where the checkpoint that training goes on from stopped.

    Axolotl does so for `resume_from_checkpoint`, not for
    `auto_resume_from_checkpoints`.
    """
    kept = folder / f"checkpoint-{state.global_step}" / TOKENS_STATE_FILE
    if hasattr(state, "tokens") or not kept.is_file():
        return
    counts = json.loads(kept.read_text("utf-8"))
    state.tokens = {key: torch.tensor(count) for key, count in counts.items()}


def tokens_trained(state: Any) -> int | None:
    """Tokens in the loss so far, over all processes, where the trainer counts them."""
    counted: Mapping[str, Any] = getattr(state, "tokens", {})
    return int(counted["trainable"]) if "trainable" in counted else None
