"""Files that a recipe both trains and evaluates on, by their names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any


def not_held_out(recipe: Mapping[str, Any]) -> Iterator[str]:
    """A message for each file that is evaluated on and trained on too.

    Parts of one file that have different `split`s, or shards, are different data.
    """
    trained = {_data(one): index for index, one in _entries(recipe, "datasets")}
    for index, one in _entries(recipe, "test_datasets"):
        if _data(one) in trained:
            yield _message(f"test_datasets[{index}].path", one, trained[_data(one)])
    explain = recipe.get("explain")
    block = explain.get("evaluation") if isinstance(explain, Mapping) else None
    named = block.get("data") if isinstance(block, Mapping) else None
    files = {_file(one): index for index, one in _entries(recipe, "datasets")}
    for path in [named] if isinstance(named, str) else named or ():
        one = {"path": path}
        if _file(one) in files:
            yield _message("explain.evaluation.data", one, files[_file(one)])


def _entries(
    recipe: Mapping[str, Any], name: str
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, entry in enumerate(recipe.get(name) or []):
        if isinstance(entry, Mapping) and entry.get("path"):
            yield index, entry


def _file(entry: Mapping[str, Any]) -> str:
    path = str(entry["path"])
    return os.path.realpath(path) if os.path.exists(path) else path


def _data(entry: Mapping[str, Any]) -> tuple[str, ...]:
    keys = ("name", "split", "data_files", "shards", "shards_idx")
    return (_file(entry), *(str(entry.get(key) or "") for key in keys))


def _message(where: str, entry: Mapping[str, Any], index: int) -> str:
    return (
        f"{where}: {entry['path']} is trained on too (datasets[{index}]), so that its "
        "results say nothing of other problems; name a file that is held out."
    )
