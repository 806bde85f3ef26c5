"""JSON: lines, a list and an object keyed by id give the same rows."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sources.tables import read_rows

ROWS = [{"id": str(n), "question": "Q\n]}", "choices": ["a", "}"]} for n in range(3)]
WITHOUT_ID = {
    row["id"]: {key: row[key] for key in ("question", "choices")} for row in ROWS
}


def rows_of(path: Path, text: str) -> Any:
    path.write_text(text, "utf-8")
    return read_rows(str(path)).to_list()


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "content",
    [ROWS, {row["id"]: row for row in ROWS}, WITHOUT_ID, {"version": 1, "data": ROWS}],
    ids=["list", "keyed", "keyed, ids in the keys alone", "under data"],
)
@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_a_document_gives_its_rows(
    tmp_path: Path, content: Any, indent: int | None, suffix: str
) -> None:
    text = json.dumps(content, indent=indent)
    if suffix == "json" or not (indent is None and isinstance(content, list)):
        assert rows_of(tmp_path / f"rows.{suffix}", text) == ROWS


def test_lines_may_stand_in_a_file_of_either_name(tmp_path: Path) -> None:
    text = "".join(json.dumps(row) + "\n\n" for row in ROWS)
    for suffix in ("json", "jsonl", "ndjson"):
        assert rows_of(tmp_path / f"rows.{suffix}", text) == ROWS


def test_a_single_row_is_no_object_of_rows(tmp_path: Path) -> None:
    row = {"instruction": "Q", "answer": "A", "messages": [{"role": "user"}]}
    assert rows_of(tmp_path / "one.jsonl", json.dumps(row)) == [row]


def test_an_object_keyed_by_id_takes_time_in_step_with_its_rows(tmp_path: Path) -> None:
    rows = {str(n): {"question": "Which?" * 20, "answer": 0} for n in range(20_000)}
    start = time.process_time()
    assert len(rows_of(tmp_path / "keyed.json", json.dumps(rows, indent=1))) == 20_000
    assert time.process_time() - start < 10


def test_a_document_that_is_cut_off_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cut.json"
    with pytest.raises(ExplainError) as caught:
        rows_of(file, json.dumps(ROWS, indent=1)[:-9])
    assert str(caught.value).startswith(f"{file}: cannot be read (it is no JSON")


def test_keys_and_types_may_come_late(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"a": "x" * 2_000, "meta": 1}] * 6_000
    late = {"a": "2024-01-01", "meta": {"when": "2024-01-01"}, "levels": {"long": "L"}}
    text = "".join(json.dumps(row) + "\n" for row in [*rows, late])
    first, *_, last = rows_of(tmp_path / "late.jsonl", text)
    assert first == {**rows[0], "levels": None}
    assert last == late
