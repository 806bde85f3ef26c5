"""What a model is asked: the rows of a file, as many as are wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.evaluation.asking import read_examples
from axolotl_explain.recipe.options import ExplainOptions
from tests.fixtures.bench import sum_row, write_jsonl


@pytest.mark.parametrize(("limit", "count"), [(None, 3), (2, 2), (9, 3)])
def test_as_many_rows_are_read_as_are_wanted(
    tmp_path: Path, limit: int | None, count: int
) -> None:
    rows = [sum_row(index) for index in range(3)]
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    answers = [one.answer for one in read_examples(path, limit).values()]
    assert answers == [row["answer"] for row in rows[:count]]


def test_rows_keep_their_numbers_where_others_are_skipped(tmp_path: Path) -> None:
    rows = [sum_row(0), {"answer": "7"}, sum_row(2)]
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    skipping = ExplainOptions(on_bad_row="skip")
    found = read_examples(path, options=skipping)
    assert {number: one.answer for number, one in found.items()} == {
        1: rows[0]["answer"],
        3: rows[2]["answer"],
    }
