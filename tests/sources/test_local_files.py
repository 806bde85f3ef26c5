"""Local files: names, patterns, builders and compression all lead to the same rows."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from datasets import Dataset, DatasetDict

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sources.local_files import local_files
from axolotl_explain.sources.stream import stream_rows
from axolotl_explain.sources.tables import read_rows

pytestmark = pytest.mark.usefixtures("datasets_cache")
ROWS = [{"id": str(n), "answer": f"{n}.0"} for n in range(4)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def names(**entry: Any) -> list[str] | None:
    found = local_files(entry)
    return None if found is None else [file.path for file in found]


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", zstandard.ZstdCompressor().compress),
    ],
)
def test_a_compressed_file_reads_like_the_plain_one(suffix: str, compress: Any) -> None:
    file = f"rows.jsonl{suffix}"
    Path(file).write_bytes(compress(LINES))
    assert read_rows(file).to_list() == ROWS
    assert list(stream_rows(file)) == ROWS
    Path(file).write_bytes(compress(LINES)[:-9])
    with pytest.raises(ExplainError, match="cannot be read"):
        read_rows(file)


def test_patterns_find_files_in_order() -> None:
    Path("parts").mkdir()
    for name in ("b", "a"):
        Path(f"parts/{name}.jsonl").write_bytes(LINES)
    both = ["parts/a.jsonl", "parts/b.jsonl"]
    assert names(path="parts", data_files="parts/*.jsonl") == both
    assert names(path="json", data_files=["parts/*.jsonl"]) == both
    assert names(path="parts/*.jsonl") == both
    assert read_rows("parts/*.jsonl").to_list() == ROWS * 2
    assert names(path="parts") is None
    assert names(path="owner/name", data_files="parts/a.jsonl") is None


def test_a_name_with_brackets_is_read() -> None:
    Path("train [v2].jsonl").write_bytes(LINES)
    assert read_rows("train [v2].jsonl").to_list() == ROWS


@pytest.mark.parametrize(
    ("name", "ds_type", "kind"),
    [
        ("a.txt", "csv", "csv"),
        ("a.tsv", "csv", "tsv"),
        ("a.tsv", "text", "tsv"),
        ("a", None, "json"),
        ("a.JSONL", "json", "jsonl"),
    ],
)
def test_the_kind_is_what_the_name_or_else_ds_type_says(
    name: str, ds_type: str | None, kind: str
) -> None:
    Path(name).touch()
    found = local_files({"path": name, "ds_type": ds_type})
    assert found is not None
    assert found[0].kind == kind


def test_a_ds_type_that_contradicts_the_name_is_refused() -> None:
    Path("a.jsonl").touch()
    with pytest.raises(ExplainError, match="write ds_type: json, or leave it out"):
        local_files({"path": "a.jsonl", "ds_type": "csv"})


def test_folders_that_datasets_saved_are_read() -> None:
    rows = Dataset.from_list(ROWS)
    rows.save_to_disk("saved")
    DatasetDict(train=rows, test=rows.select([0])).save_to_disk("splits")
    assert read_rows("saved").to_list() == ROWS
    assert read_rows("splits").to_list() == ROWS
    assert read_rows("splits", "test").to_list() == ROWS[:1]
    assert read_rows("saved", "train[:2]").to_list() == ROWS[:2]
    assert list(stream_rows("splits", "test")) == ROWS[:1]
    with pytest.raises(ExplainError, match="there is train, test"):
        read_rows("splits", "validation")


def test_a_folder_of_plain_files_has_the_splits_that_names_tell() -> None:
    Path("folder").mkdir()
    Path("folder/train_1.jsonl").write_bytes(LINES)
    Path("folder/train_2.jsonl").write_bytes(LINES)
    Path("folder/test.jsonl").write_bytes(LINES.splitlines(True)[0])
    assert read_rows("folder").to_list() == ROWS * 2
    assert read_rows("folder", "train[:3]").to_list() == ROWS[:3]
    assert list(stream_rows("folder", "test")) == ROWS[:1]


def test_a_split_that_cannot_be_read_shows_how_to_write_it() -> None:
    Path("a.jsonl").write_bytes(LINES)
    with pytest.raises(ExplainError, match=r"such as train\[:500\]"):
        read_rows("a.jsonl", "train[:50%")


def test_missing_numbers_in_parquet_are_missing() -> None:
    table = pa.table({"answer": [2.0, float("nan")], "text": ["NA", "007"]})
    pq.write_table(table, "a.parquet")
    assert read_rows("a.parquet").to_list() == [
        {"answer": 2.0, "text": "NA"},
        {"answer": None, "text": "007"},
    ]
