"""Where a run reads and writes, so that runs beside each other never meet.

Generated data and models made from scratch go into folders named after what determines
them, which runs may share: their makers lock them. Everything else is a run's own.
Axolotl's prepared data as well: it takes two runs that prepare in one folder for ranks
of one training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from axolotl_explain.sweep.run_fingerprint import file_digests

RUNS, EARLIER = "runs", "earlier"
"""Below a sweep's folder: its runs, and those that others have taken the place of."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of one run; those for data and model only where it makes them."""

    run: Path
    """Model, log, state and evaluation."""
    prepared: Path
    data: Path
    """Of `task_data`."""
    model: Path
    """Of `scratch_model`."""


def shared_folders(
    out: Path, name: str, recipe: Mapping[str, Any], labels: Mapping[str, str]
) -> Folders:
    """The folders of a run of a sweep.

    Args:
        out: the sweep's own.
        name: the run's.
        recipe: with the paths of the base recipe.
        labels: `task_data` and `scratch_model` -> what their variants are called.
    """
    block = recipe.get("task_data") or {}
    data = {**block, "folder": "", "version": version("axolotl-explain")}
    task = str(data.get("task", "data"))
    scratch = recipe.get("scratch_model")
    files = file_digests(scratch, [str(block.get("folder"))])
    model = {"scratch": scratch, "data": data, "files": files}
    return Folders(
        run=out / RUNS / name,
        prepared=out / "prepared" / name,
        data=out / "data" / _named(labels.get("task_data") or task, data),
        model=out / "models" / _named(labels.get("scratch_model") or "model", model),
    )


def with_folders(recipe: Mapping[str, Any], folders: Folders) -> dict[str, Any]:
    """A recipe that reads and writes there, in all the places that name a path."""
    moves = {}
    if isinstance(recipe.get("task_data"), Mapping):
        moves[str(recipe["task_data"].get("folder"))] = folders.data.as_posix()
    if recipe.get("scratch_model") is not None:
        moves[str(recipe.get("base_model"))] = folders.model.as_posix()
    moved: dict[str, Any] = relocated(recipe, moves)
    return {
        **moved,
        "output_dir": folders.run.as_posix(),
        "dataset_prepared_path": folders.prepared.as_posix(),
    }


def relocated(value: Any, moves: Mapping[str, str]) -> Any:
    """A value with every path at or below an old folder below the new one.

    >>> relocated({"path": "old/a.jsonl", "n": [1, "older"]}, {"old": "new"})
    {'path': 'new/a.jsonl', 'n': [1, 'older']}
    """
    if isinstance(value, Mapping):
        return {key: relocated(inner, moves) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [relocated(inner, moves) for inner in value]
    if isinstance(value, str):
        for old, new in moves.items():
            if value == old or value.startswith(f"{old}/"):
                return new + value[len(old) :]
    return value


def _named(label: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{label}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
