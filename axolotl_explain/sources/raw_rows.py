"""The rows of local files as raw JSON, one after the other, whatever kind they are."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import keys_of
from axolotl_explain.sources.arrow_file import arrow_rows
from axolotl_explain.sources.delimited_file import delimited_rows
from axolotl_explain.sources.json_file import json_rows
from axolotl_explain.sources.local_files import FileKind, LocalFile

READERS: dict[FileKind, Callable[[LocalFile], Iterator[bytes]]] = {
    "json": json_rows,
    "jsonl": json_rows,
    "csv": delimited_rows,
    "tsv": delimited_rows,
    "parquet": arrow_rows,
    "arrow": arrow_rows,
}
MOST_COLUMNS = 1_000
"""Columns that are kept in mind; a file in which each row has others ends there."""


def raw_rows(files: Sequence[LocalFile]) -> Iterator[bytes]:
    """The rows of all files, for `unpack`.

    Raises:
        ExplainError: naming the file, if it cannot be read as a whole or has no rows.
    """
    for file in files:
        empty = True
        for raw in _readable(file):
            empty = False
            yield raw
        if empty:
            raise ExplainError(f"{file.path}: the file is empty; write rows to it.")


def add_columns(columns: dict[str, None], raw: Sequence[bytes]) -> None:
    """Add the columns of some rows to those that are known, in their order."""
    for one in raw:
        if len(columns) < MOST_COLUMNS:
            columns.update(dict.fromkeys(keys_of(one)))


def _readable(file: LocalFile) -> Iterator[bytes]:
    try:
        yield from READERS[file.kind](file)
    except UnicodeDecodeError as error:
        raise ExplainError(
            f"{file.path}: cannot be read (it begins like {error.encoding} and does "
            "not go on so); save the file as UTF-8."
        ) from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise ExplainError(
            f"{file.path}: cannot be read ({str(error).strip()}); check that it is "
            "whole and of the kind that its name says."
        ) from None
