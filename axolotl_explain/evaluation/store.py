"""The files an evaluation leaves, each whole or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from axolotl_explain.evaluation.score import Completion, by_level

METRICS, COMPLETIONS = "metrics.json", "completions.jsonl"
PACKAGES = ("axolotl-explain", "axolotl", "transformers", "peft", "torch")


def store(
    folder: Path, completions: Iterable[Completion], facts: Mapping[str, Any]
) -> None:
    """Write both files; metrics.json last, so that it stands for a finished run.

    Args:
        facts: what was evaluated, for the head of metrics.json.
    """
    completions = list(completions)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps(one.to_dict(), ensure_ascii=False, default=str)
        for one in completions
    ]
    write_whole(folder / COMPLETIONS, "".join(f"{line}\n" for line in lines))
    metrics = {
        **facts,
        "levels": {
            level: metrics.to_dict() for level, metrics in by_level(completions).items()
        },
        "versions": {name: version(name) for name in PACKAGES},
    }
    write_whole(
        folder / METRICS, json.dumps(metrics, indent=2, ensure_ascii=False) + "\n"
    )


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever sees a part of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
