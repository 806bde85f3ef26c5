"""Fingerprints of a run: digests of everything that determines its results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from axolotl_explain.recipe.scratch_model import strings
from axolotl_explain.results.store import PACKAGES, versions
from axolotl_explain.sources.local_files import looks_like_file, matches
from axolotl_explain.support.whole_file import digest_file

HOST_PACKAGES = (*PACKAGES, "accelerate", "bitsandbytes", "datasets", "tokenizers")

OWN_FOLDERS = ("output_dir", "dataset_prepared_path")
"""Where a run writes; elsewhere it would be the same run."""

LONGEST_PATH = 1_000


def training_fingerprint(recipe: Mapping[str, Any]) -> str:
    """Digest of a recipe, of every local file that it names, and of package versions.

    Args:
        recipe: with the paths of the base recipe, so that it does not matter where a
            sweep puts generated data and models: their own blocks determine them.
    """
    content = {key: value for key, value in recipe.items() if key not in OWN_FOLDERS}
    return _digest(
        {
            "recipe": content,
            "files": file_digests(content, generated_folders(content)),
            "versions": versions(HOST_PACKAGES),
        }
    )


def evaluation_fingerprint(
    training: str,
    data: Sequence[str],
    options: Sequence[str],
    generated: Sequence[str] = (),
) -> str:
    """Digest of a training, of the data it is evaluated on, and of how.

    Args:
        training: its fingerprint.
        data: files of rows, or hub datasets.
        options: of `axolotl explain eval`.
        generated: folders whose content the recipe determines.
    """
    files = file_digests(list(data), generated)
    return _digest({"training": training, "files": files, "asked": [*data, *options]})


def untrained_fingerprint(recipe: Mapping[str, Any], shots: int) -> str:
    """Digest of a recipe that asks its base model; no training has the same."""
    return _digest({"untrained": training_fingerprint(recipe), "shots": shots})


def generated_folders(recipe: Mapping[str, Any]) -> list[str]:
    """The folders that a training fills itself: for `task_data` and `scratch_model`."""
    task_data, base = recipe.get("task_data"), recipe.get("base_model")
    data = [str(task_data.get("folder"))] if isinstance(task_data, Mapping) else []
    return data + ([str(base)] if recipe.get("scratch_model") is not None else [])


def file_digests(value: object, leave_out: Sequence[str] = ()) -> dict[str, str]:
    """Local file -> digest, for all texts in a value that name a file or a folder.

    Args:
        leave_out: folders, with all that is below them.
    """
    found: dict[str, str] = {}
    for text in strings(value):
        if any(text == folder or text.startswith(f"{folder}/") for folder in leave_out):
            continue
        for file in _files(text):
            state = file.stat()
            key = (str(file), state.st_size, state.st_mtime_ns)
            found[file.as_posix()] = _file_digest(*key)
    return found


def _files(text: str) -> list[Path]:
    """The files that a text names, where it looks like a path and is no template."""
    if len(text) > LONGEST_PATH or "\n" in text or not {"/", "."} & set(text):
        return []
    path = Path(text)
    if path.is_file():
        return [path]
    if not path.exists() and looks_like_file(text):
        return [Path(file) for file in matches(text)]
    below = path.rglob("*") if path.is_dir() and path.name else ()
    return sorted(
        file
        for file in below
        if file.is_file() and "checkpoint-" not in file.parent.name
    )


@cache
def _file_digest(path: str, size: int, changed: int) -> str:
    """Once for all runs of a sweep; size and time of change tell versions apart."""
    return digest_file(Path(path))


def _digest(facts: Mapping[str, Any]) -> str:
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
