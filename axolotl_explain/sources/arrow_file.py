"""Rows of Parquet and Arrow files; what has a type there becomes text, dates as ISO.

They are read without pyarrow's scanner, whose threads may outlive the reading and then
abort the process at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import pack
from axolotl_explain.sources.local_files import LocalFile
from axolotl_explain.sources.text_file import opened

BATCH = 1_000


def arrow_rows(file: LocalFile) -> Iterator[bytes]:
    """The rows of a file.

    Raises:
        ExplainError: if it is no such file, or damaged.
    """
    import pyarrow as pa

    try:
        with opened(file) as stream:
            for batch in _batches(file, stream):
                yield from map(pack, batch.to_pylist())
    except (pa.ArrowException, UnicodeDecodeError, TypeError) as error:
        raise ExplainError(
            f"{file.path}: cannot be read ({str(error).strip()}); check that it is "
            "whole and of the kind that its name says."
        ) from None


def _batches(file: LocalFile, stream: Any) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.kind == "parquet":
        with pq.ParquetFile(pa.PythonFile(stream, "r"), pre_buffer=False) as parquet:
            yield from parquet.iter_batches(BATCH, use_threads=False)
        return
    try:
        with pa.ipc.open_stream(stream) as table:
            yield from table
    except pa.ArrowInvalid:
        stream.seek(0)
        with pa.ipc.open_file(stream) as table:
            for number in range(table.num_record_batches):
                yield table.get_batch(number)
