"""Rows to a JSONL or Parquet file, a block at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from axolotl_explain.core.errors import ExplainError

BLOCK = 10_000
"""Rows of a row group, at most."""


class RowWriter(Protocol):
    """Takes one row after the other."""

    def __call__(self, row: Mapping[str, Any]) -> None:
        """Write a row, or keep it until its block is full."""


@contextmanager
def row_writer(path: Path, suffix: str, row_format: str) -> Iterator[RowWriter]:
    """Open a file for rows of one format.

    Args:
        path: where to write.
        suffix: of the file that this will become, `.jsonl` or `.parquet`.
    """
    opened = _jsonl(path) if suffix == ".jsonl" else _parquet(path, row_format)
    with opened as write:
        yield write


def check_suffix(out: Path) -> None:
    """Refuse other kinds of file.

    Raises:
        ExplainError: if the name ends neither in .jsonl nor in .parquet.
    """
    if out.suffix not in (".jsonl", ".parquet"):
        raise ExplainError(f"--out {out}: name a file ending in .jsonl or .parquet.")


@contextmanager
def _jsonl(path: Path) -> Iterator[RowWriter]:
    with path.open("w", encoding="utf-8") as file:

        def write(row: Mapping[str, Any]) -> None:
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")

        yield write


@contextmanager
def _parquet(path: Path, row_format: str) -> Iterator[RowWriter]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schemas()[row_format]
    block: list[Mapping[str, Any]] = []
    with pq.ParquetWriter(path, schema) as file:

        def flush(rows: Sequence[Mapping[str, Any]]) -> None:
            file.write_table(pa.Table.from_pylist(rows, schema))

        def write(row: Mapping[str, Any]) -> None:
            meta = row.get("meta")
            if meta:
                text = json.dumps(meta, ensure_ascii=False, default=str)
                row = {**row, "meta": text}
            block.append(row)
            if len(block) >= BLOCK:
                flush(block)
                block.clear()

        yield write
        if block:
            flush(block)


def _schemas() -> dict[str, Any]:
    """Shape -> columns; `meta` is JSON, since its fields differ from row to row."""
    import pyarrow as pa

    text = pa.string()
    turn = [("role", text), ("content", text)]
    turns = pa.list_(pa.struct(turn))
    weighed = [*turn, ("loss", pa.bool_()), ("loss_scale", pa.float32())]
    kept = [("id", text), ("input", text), ("level", text), ("meta", text)]
    reasoned = pa.list_(pa.struct([*turn, ("reasoning_content", text)]))
    levels = pa.struct([("short", text), ("medium", text), ("long", text)])
    texts = ("instruction", "input", "output", "system")
    columns: dict[str, list[tuple[str, Any]]] = {
        "canonical": [
            ("id", text),
            ("system", text),
            ("history", turns),
            ("instruction", text),
            ("input", text),
            ("answer", text),
            ("explanations", levels),
            ("level", text),
            ("meta", text),
        ],
        "messages": [*kept, ("messages", reasoned)],
        "input_output": [
            ("segments", pa.list_(pa.struct([("label", pa.bool_()), ("text", text)])))
        ],
        "llamafactory": [
            *((name, text) for name in texts),
            ("history", pa.list_(pa.list_(text))),
        ],
        "trl": [("prompt", turns), ("completion", turns)],
        "ms_swift": [("messages", pa.list_(pa.struct(weighed)))],
    }
    return {row_format: pa.schema(fields) for row_format, fields in columns.items()}
