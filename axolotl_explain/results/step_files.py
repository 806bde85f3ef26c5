"""Completions made during training: one file for each evaluated optimizer step.

They lie below output_dir, as `explain_evaluation/step-000300.jsonl`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from axolotl_explain.results.completion import Completion, to_line
from axolotl_explain.support.whole_file import write_whole

FOLDER = "explain_evaluation"
"""Inside a training folder."""

EARLIER = "earlier"


def step_file(output_dir: Path, step: int) -> Path:
    """Where the completions of a step are kept."""
    return output_dir / FOLDER / f"step-{step:06d}.jsonl"


def write_step(
    path: Path, completions: Sequence[Completion], step: int, tokens_trained: int | None
) -> None:
    """Write the file as a whole, one completion a line with its place in training.

    Args:
        tokens_trained: tokens in the loss so far; None where nobody counts them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    placed = (
        replace(one, step=step, tokens_trained=tokens_trained) for one in completions
    )
    write_whole(path, "".join(map(to_line, placed)))


def step_files(folder: Path) -> list[Path]:
    """The files of a training folder, by step."""
    return sorted((folder / FOLDER).glob("step-*.jsonl"))


def set_later_steps_aside(output_dir: Path, after: int) -> None:
    """Move files of steps that a run has still to come to: an earlier run left them."""
    for path in step_files(output_dir):
        number = re.fullmatch(r"step-(\d+)", path.stem)
        if number and int(number[1]) > after:
            (path.parent / EARLIER).mkdir(exist_ok=True)
            os.replace(path, path.parent / EARLIER / path.name)
