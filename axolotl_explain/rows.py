"""Rows of a file or of a hub dataset, read by `datasets`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axolotl_explain.errors import ExplainError

BUILDERS = {".jsonl": "json", ".json": "json", ".parquet": "parquet"}
SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_rows(path: str, split: str = "train") -> Any:
    """A `datasets.Dataset` of the rows of a local file, or of a hub dataset's split.

    Raises:
        ExplainError: if there is no such file, its kind is unknown, or it cannot be
            parsed.
    """
    from datasets import load_dataset

    file = Path(path)
    if file.suffix in SEPARATORS and file.is_file():
        return read_delimited(path, SEPARATORS[file.suffix], split)
    try:
        if file.suffix in BUILDERS and file.is_file():
            return load_dataset(BUILDERS[file.suffix], data_files=path, split=split)
        if file.is_file():
            known = ", ".join((*BUILDERS, *SEPARATORS))
            raise ExplainError(f"{path}: unknown kind of file; use {known}.")
        if file.suffix in (*BUILDERS, *SEPARATORS):
            raise ExplainError(f"{path}: there is no such file.")
        return load_dataset(path, split=split)
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, ExplainError):
            raise
        cause = error.__cause__ or error
        raise ExplainError(f"{path}: cannot be read: {cause}") from None


def read_delimited(
    path: str, separator: str, split: str = "train", streaming: bool = False
) -> Any:
    """Rows of a CSV or TSV file with every field as the text that stands there.

    An empty field is an absent one.
    """
    from datasets import load_dataset

    try:
        return load_dataset(
            "csv",
            data_files=path,
            split=split,
            streaming=streaming,
            sep=separator,
            dtype=str,
            keep_default_na=False,
        )
    except (OSError, ValueError, RuntimeError) as error:
        cause = error.__cause__ or error
        raise ExplainError(f"{path}: cannot be read: {cause}") from None
