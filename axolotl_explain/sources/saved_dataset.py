"""Folders that `save_to_disk` of `datasets` wrote: one table, or one for each split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sources.split import OF_FILE, split_parts


def is_saved(path: str) -> bool:
    """Whether a folder was written by `save_to_disk`."""
    folder = Path(path)
    return (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()


def read_saved(path: str, split: str | None, default: str = OF_FILE) -> Any:
    """The rows of such a folder as a `datasets.Dataset`.

    Args:
        split: of the folder or, where that has none, of all its rows.
        default: the split to read where none is named.

    Raises:
        ExplainError: if the folder is damaged, or has no such split.
    """
    from datasets import DatasetDict, concatenate_datasets, load_from_disk

    try:
        saved = load_from_disk(path)
    except (OSError, ValueError) as error:
        raise ExplainError(f"{path}: cannot be read ({error}).") from None
    tables = saved if isinstance(saved, DatasetDict) else {OF_FILE: saved}
    wanted = split or (default if isinstance(saved, DatasetDict) else OF_FILE)
    try:
        parts = split_parts(wanted, {name: len(rows) for name, rows in tables.items()})
    except ExplainError as error:
        raise ExplainError(f"{path}: {error}") from None
    return concatenate_datasets(
        [tables[name].select(range(start, stop)) for name, start, stop in parts]
    )
