"""What a model is asked: the rows of a file, as many as are wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.evaluation.asking import read_examples
from tests.fixtures.bench import sum_row, write_jsonl


@pytest.mark.parametrize(("limit", "count"), [(None, 3), (2, 2), (9, 3)])
def test_as_many_rows_are_read_as_are_wanted(
    tmp_path: Path, limit: int | None, count: int
) -> None:
    rows = [sum_row(index) for index in range(3)]
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    answers = [example.answer for example in read_examples(path, limit)]
    assert answers == [row["answer"] for row in rows[:count]]
