"""Raw rows as the table of a `datasets.Dataset`: whole rows, and columns by name alone.

The column `ROW` holds each row as its JSON; the others are empty and say which columns
there are, so that a batch of a few rows knows those that none of them has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from axolotl_explain.core.raw_row import ROW

MOST_IN_MEMORY = 2**28
"""Bytes of a table."""

BLOCK = 10_000
"""Rows that a file of a table holds together."""


def packed_table(raw: Sequence[bytes], columns: Iterable[str]) -> Any:
    """The table, in memory or, where it is large, in a file that goes with the process.

    A table in a file takes no memory, in none of the processes that work on it.
    """
    import pyarrow as pa
    from datasets.table import InMemoryTable, MemoryMappedTable

    names = [name for name in columns if name != ROW]
    absent = dict.fromkeys(names, pa.nulls(len(raw)))
    table = pa.table({**absent, ROW: pa.array(raw, pa.large_binary())})
    if table.nbytes <= MOST_IN_MEMORY:
        return InMemoryTable(table)
    file = str(Path(_folder().name) / f"{uuid4().hex}.arrow")
    with pa.OSFile(file, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table, BLOCK)
    return MemoryMappedTable.from_file(file)


@cache
def _folder() -> TemporaryDirectory[str]:
    """Beside the caches of `datasets`, which is where a large file finds room."""
    from datasets import config

    parent = Path(config.HF_DATASETS_CACHE)
    parent.mkdir(parents=True, exist_ok=True)
    return TemporaryDirectory(prefix="axolotl-explain-", dir=parent)
