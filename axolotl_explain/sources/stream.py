"""Rows one after the other, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from axolotl_explain.core.raw_row import ROW, ReadRow, pack, pack_fault, unpack
from axolotl_explain.sources.local_files import LocalFile, local_files
from axolotl_explain.sources.raw_rows import MOST_COLUMNS, raw_rows
from axolotl_explain.sources.split import OF_FILE
from axolotl_explain.sources.tables import LocalRows, read_rows, readable

BATCH = 1_000


def stream_rows(path: str, split: str = OF_FILE) -> Iterator[ReadRow]:
    """The rows of local files, a saved folder or a hub dataset.

    Raises:
        ExplainError: as `read_rows`; also later, where a file cannot be read further.
    """
    files = local_files({"path": path}, default=None)
    if files is None or split != OF_FILE:
        rows = read_rows(path, split, streaming=True)
        if isinstance(rows, LocalRows):
            yield from rows
            return
        with readable(path):
            for batch in rows.iter(batch_size=BATCH):
                for values in zip(*batch.values(), strict=True):
                    yield dict(zip(batch, values, strict=True))
        return
    yield from with_known_columns(map(unpack, raw_rows(files)))


def with_known_columns(rows: Iterable[ReadRow]) -> Iterator[ReadRow]:
    """Rows with the columns of those about them.

    What a row leaves out is None, as in a table; a column that a recipe names is then
    missing only where no row has it.
    """
    columns: dict[str, None] = {}
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        for row in batch:
            if isinstance(row, Mapping) and len(columns) < MOST_COLUMNS:
                columns.update(dict.fromkeys(row))
        for row in batch:
            yield {**columns, **row} if isinstance(row, Mapping) else row


def packed_stream(files: Sequence[LocalFile]) -> Iterator[dict[str, Any]]:
    """Rows for an `IterableDataset`: packed, with the columns of those about them."""
    for row in with_known_columns(map(unpack, raw_rows(files))):
        packed = pack(row) if isinstance(row, Mapping) else pack_fault(row)
        yield {ROW: packed}
