"""Rows one after the other, so that memory does not grow with their number.

JSON lines are parsed here, each by itself: a line that is damaged is a bad row, and no
type is inferred from other rows, which would turn dates into times and refuse what
comes late in a file. All other files are streamed by `datasets`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError, quoted
from axolotl_explain.sources.tables import read_rows, unreadable

BATCH = 1_000
MOST_COLUMNS = 1_000
"""Columns that are kept in mind; a file in which each row has others ends there."""

SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

StreamedRow = Mapping[str, Any] | BadRow
"""A row, or why there is none."""


def stream_rows(path: str, split: str = "train") -> Iterator[StreamedRow]:
    """The rows of a file or hub dataset.

    Raises:
        ExplainError: as `read_rows`; also later, where the file cannot be parsed.
    """
    if Path(path).suffix == ".jsonl" and Path(path).is_file():
        if split != "train":
            raise ExplainError(
                f"{path}: a file has no split {quoted(split)}; leave the split out."
            )
        yield from _lines(path)
        return
    from datasets.exceptions import DatasetsError

    try:
        for batch in read_rows(path, split, streaming=True).iter(batch_size=BATCH):
            for values in zip(*batch.values(), strict=True):
                yield dict(zip(batch, values, strict=True))
    except StopIteration:
        raise ExplainError(f"{path}: the file is empty; write rows to it.") from None
    except (OSError, ValueError, RuntimeError, DatasetsError) as error:
        raise unreadable(path, error) from None


def _lines(path: str) -> Iterator[StreamedRow]:
    """The rows of JSON lines, each with the columns of those about it.

    What a row leaves out is None, as in a table; a column that a recipe names is then
    missing only where no row has it.
    """
    columns: dict[str, None] = {}
    try:
        with Path(path).open("rb") as file:
            lines = (line for line in file if line.strip())
            while batch := [read_line(line) for line in islice(lines, BATCH)]:
                for row in batch:
                    if isinstance(row, Mapping) and len(columns) < MOST_COLUMNS:
                        columns.update(dict.fromkeys(row))
                for row in batch:
                    yield row if isinstance(row, BadRow) else {**columns, **row}
    except OSError as error:
        raise unreadable(path, error) from None


def read_line(line: bytes) -> StreamedRow:
    """One line of JSON as a row."""
    try:
        row = json.loads(line)
        if SURROGATE.search(line):
            json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return BadRow(
            "the line holds half a surrogate pair.", "line holds half a surrogate pair"
        )
    except RecursionError:
        return BadRow("the line is nested too deeply.", "line is nested too deeply")
    except ValueError as error:
        return BadRow(f"the line is no JSON ({error}).", "line is no JSON")
    if isinstance(row, dict):
        return row
    return BadRow(f"the line is no JSON object: {quoted(row)}.", "line is no object")
