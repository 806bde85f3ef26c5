"""Rows: every kind of file gives the same texts, every bad one a single error."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import ROW, UnreadableRow, unpack
from axolotl_explain.sources import packed_table
from axolotl_explain.sources.stream import stream_rows
from axolotl_explain.sources.tables import read_rows

pytestmark = pytest.mark.usefixtures("datasets_cache")

ROWS = [
    {"id": "1", "instruction": 'Say it,\n"plainly".', "answer": "007"},
    {"id": "2", "instruction": "Tab\there; é 好", "answer": "None"},
    {"id": "3", "instruction": "Two\n\nlines", "answer": "NA"},
    {"id": "", "instruction": " spaces ", "answer": "1e5"},
    {"id": "5", "instruction": "#5", "answer": "true"},
]
KINDS = ["jsonl", "json", "csv", "tsv", "parquet"]


def write(file: Path, rows: list[dict[str, str]] = ROWS) -> str:
    """Write rows with the standard library or pyarrow, as the suffix says."""
    kind = file.suffix[1:]
    if kind == "jsonl":
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    elif kind == "json":
        file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), file)
    else:
        with file.open("w", encoding="utf-8", newline="") as stream:
            delimiter = "\t" if kind == "tsv" else ","
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
    return str(file)


def refusal(path: Path) -> str:
    """The message that a file is refused with."""
    with pytest.raises(ExplainError) as caught:
        read_rows(str(path))
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_reads_the_same_rows(tmp_path: Path, kind: str) -> None:
    assert read_rows(write(tmp_path / f"rows.{kind}")).to_list() == ROWS


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_a_column_of_numbers_in_a_table_stays_text(tmp_path: Path, kind: str) -> None:
    rows = [{"id": "01", "answer": text} for text in ("007", "1.50", "-0", "")]
    assert read_rows(write(tmp_path / f"numbers.{kind}", rows)).to_list() == rows


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    file = tmp_path / "bom.csv"
    file.write_text("id,answer\n1,2\n", "utf-8-sig")
    assert read_rows(str(file)).to_list() == [{"id": "1", "answer": "2"}]


def test_a_compressed_table_reads_like_the_plain_one(tmp_path: Path) -> None:
    plain = write(tmp_path / "rows.csv")
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(Path(plain).read_bytes()))
    assert read_rows(str(packed)).to_list() == ROWS


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_gives_the_same_rows(tmp_path: Path, kind: str) -> None:
    assert list(stream_rows(write(tmp_path / f"rows.{kind}"))) == ROWS


def test_a_slice_of_a_split_is_read(tmp_path: Path) -> None:
    for kind in ("csv", "jsonl"):
        read = read_rows(write(tmp_path / f"rows.{kind}"), split="train[1:3]")
        assert read.to_list() == ROWS[1:3]


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    read_rows(write(file))
    assert read_rows(write(file, ROWS[:2])).to_list() == ROWS[:2]


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_file_names_the_path_and_where_paths_start(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / f"gone.{kind}"
    message = refusal(path)
    assert message.startswith(f"{path}: there is no such file; ")
    assert "the folder that the command is run in" in message


def test_an_unknown_kind_of_file_names_the_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "rows.xlsx"
    file.write_bytes(b"PK")
    message = refusal(file)
    assert message.startswith(f"{file}: unknown kind of file; use ")
    assert all(f".{kind}" in message for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_file_is_named_with_a_way_out(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"empty.{kind}"
    file.touch()
    message = refusal(file)
    assert message.startswith(f"{file}: ")
    assert "write rows to it" in message or "check that it is whole" in message


@pytest.mark.parametrize("kind", ["json", "csv", "tsv", "parquet"])
def test_binary_garbage_is_named_with_a_way_out(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"garbage.{kind}"
    file.write_bytes(bytes(range(128, 256)) * 40)
    message = refusal(file)
    assert message.startswith(f"{file}: cannot be read (")
    assert message.endswith(
        "check that it is whole and of the kind that its name says."
    )


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_truncated_file_is_named_with_a_way_out(tmp_path: Path, kind: str) -> None:
    file = Path(write(tmp_path / f"cut.{kind}"))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 2 // 3])
    message = refusal(file)
    assert message.startswith(f"{file}: cannot be read (")
    assert "check that it is whole" in message


def test_a_truncated_line_is_a_fault_of_its_row(tmp_path: Path) -> None:
    file = Path(write(tmp_path / "cut.jsonl"))
    file.write_bytes(file.read_bytes()[:-5])
    *good, last = read_rows(str(file))
    assert good == ROWS[:-1]
    assert isinstance(last, UnreadableRow)


def test_a_dataset_that_the_hub_does_not_give_is_named() -> None:
    with pytest.raises(ExplainError) as caught:
        read_rows("no-such-owner/no-such-dataset")
    message = str(caught.value)
    assert message.startswith("no-such-owner/no-such-dataset: cannot be read (")
    assert "check that the name is right and the hub can be reached" in message


@pytest.mark.parametrize("limit", [0, 2**20])
def test_a_packed_dataset_may_lie_in_memory_or_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(packed_table, "MOST_IN_MEMORY", limit)
    packed = read_rows(write(tmp_path / "rows.csv")).to_dataset()
    assert bool(packed.cache_files) == (limit == 0)
    assert packed.column_names == [*ROWS[0], ROW]
    assert [unpack(raw) for raw in packed.select([3, 1])[ROW]] == [ROWS[3], ROWS[1]]
