"""Where a run reads and writes, so that runs beside each other never meet.

Generated data and models made from scratch go into folders named after what determines
them, which runs may share: their makers lock them. Everything else is a run's own. So
are the data that Axolotl prepares, for it takes two runs that prepare in one folder for
ranks of one training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from axolotl_explain.sweep.run_fingerprint import file_digests

RUNS, EARLIER = "runs", "earlier"
"""Below a sweep's folder: its runs, and the archive of those that others replaced."""


@dataclass(frozen=True, slots=True)
class RunFolders:
    """The folders of one run; those for data and model only where it makes them.

    Attributes:
        recipe: the file of its recipe.
        run: model, log, state and evaluation.
        prepared: what Axolotl prepares.
        data: what `task_data` generates.
        model: what `scratch_model` makes.
    """

    recipe: Path
    run: Path
    prepared: Path
    data: Path
    model: Path


Layout = Callable[[Path, str, Mapping[str, Any], Mapping[str, str]], RunFolders]
"""Says where a run reads and writes; see `sweep_folders` for the arguments."""


def sweep_folders(
    out: Path, name: str, recipe: Mapping[str, Any], labels: Mapping[str, str]
) -> RunFolders:
    """The folders of a run of a sweep.

    Args:
        out: the sweep's own folder.
        name: of the run.
        recipe: with the paths of the base recipe.
        labels: `task_data` and `scratch_model` -> the names of the choices that change
            the block; empty where none do.
    """
    block = recipe.get("task_data") or {}
    data = {**block, "folder": "", "version": version("axolotl-explain")}
    task = str(data.get("task", "data"))
    scratch = recipe.get("scratch_model")
    files = file_digests(scratch, [str(block.get("folder"))])
    model = {"scratch": scratch, "data": data, "files": files}
    data_label = labels.get("task_data") or task
    model_label = labels.get("scratch_model") or "model"
    return RunFolders(
        recipe=out / "recipes" / f"{name}.yml",
        run=out / RUNS / name,
        prepared=out / "prepared" / name,
        data=out / "data" / _with_digest(data_label, data),
        model=out / "models" / _with_digest(model_label, model),
    )


def with_folders(recipe: Mapping[str, Any], folders: RunFolders) -> dict[str, Any]:
    """The recipe with these folders in the place of those that it names."""
    moves = {}
    if isinstance(recipe.get("task_data"), Mapping):
        moves[str(recipe["task_data"].get("folder"))] = folders.data.as_posix()
    if recipe.get("scratch_model") is not None:
        moves[str(recipe.get("base_model"))] = folders.model.as_posix()
    moved: dict[str, Any] = relocate(recipe, moves)
    return {
        **moved,
        "output_dir": folders.run.as_posix(),
        "dataset_prepared_path": folders.prepared.as_posix(),
    }


def relocate(value: Any, moves: Mapping[str, str]) -> Any:
    """A value with every path at or below an old folder moved to the new one.

    >>> relocate({"path": "old/a.jsonl", "n": [1, "older"]}, {"old": "new"})
    {'path': 'new/a.jsonl', 'n': [1, 'older']}
    """
    if isinstance(value, Mapping):
        return {key: relocate(inner, moves) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [relocate(inner, moves) for inner in value]
    if isinstance(value, str):
        for old, new in moves.items():
            if value == old or value.startswith(f"{old}/"):
                return new + value[len(old) :]
    return value


def _with_digest(label: str, content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return f"{label}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
