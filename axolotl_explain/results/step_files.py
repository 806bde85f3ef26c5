"""The completions of evaluations while training, one file a step below output_dir."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.partial import line_of
from axolotl_explain.support.whole_file import write_whole

FOLDER = "explain_evaluation"
"""Inside a training folder: completions kept while it trained, a file per step."""

EARLIER = "earlier"


def kept_file(output_dir: Path, step: int) -> Path:
    """Where the completions of a step are kept."""
    return output_dir / FOLDER / f"step-{step:06d}.jsonl"


def keep(
    path: Path, completions: Sequence[Completion], step: int, tokens_trained: int | None
) -> None:
    """Write the file as a whole, one completion a line with what it takes to plot it.

    Args:
        tokens_trained: tokens in the loss so far; None where nobody counts them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {"step": step}
    if tokens_trained is not None:
        known["tokens_trained"] = tokens_trained
    write_whole(path, "".join(line_of(one, **known) for one in completions))


def set_aside(output_dir: Path, after: int) -> None:
    """Move files of steps that a run has still to come to: an earlier run left them."""
    for path in sorted((output_dir / FOLDER).glob("step-*.jsonl")):
        number = re.fullmatch(r"step-(\d+)", path.stem)
        if number and int(number[1]) > after:
            (path.parent / EARLIER).mkdir(exist_ok=True)
            os.replace(path, path.parent / EARLIER / path.name)
