"""Readers: one way from a row to examples, in any process."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader, make_reader

TURNS = [
    {"role": "user", "content": "Q"},
    {"role": "assistant", "content": "<think>T</think>A"},
]
ROW = {
    "instruction": "Q",
    "question": "Q",
    "answer": "T\n#### A",
    "why": "T",
    "messages": TURNS,
}
SOURCES: list[tuple[dict[str, Any], Example]] = [
    ({}, Example("Q", "T\n#### A")),
    ({"preset": "gsm8k"}, Example("Q", "A", explanations={"medium": "T"})),
    (
        {"columns": {"short": "why"}},
        Example("Q", "T\n#### A", explanations={"short": "T"}),
    ),
    ({"messages": {}}, Example("Q", "A", explanations={"long": "T"})),
]


@pytest.mark.parametrize(("block", "example"), SOURCES)
def test_each_source_reads_its_part_of_a_row_in_any_process(
    block: dict[str, Any], example: Example
) -> None:
    reader = make_reader(ExplainOptions(**block), 0)
    assert reader(ROW) == [example]
    assert pickle.loads(pickle.dumps(reader))(ROW) == [example]


@pytest.mark.parametrize(
    ("block", "skips"),
    [
        ({}, False),
        ({"preset": "gsm8k"}, True),
        ({"messages": {}}, False),
        ({"preset": "gsm8k", "on_bad_row": "error"}, False),
        ({"on_bad_row": "skip"}, True),
    ],
)
def test_bad_rows_are_skipped_with_presets_or_where_the_user_says(
    block: dict[str, Any], skips: bool
) -> None:
    assert ExplainOptions(**block).skips_bad_rows is skips


def test_skipped_rows_are_counted_by_reason_and_not_by_value() -> None:
    reader = RowReader(ExplainOptions(on_bad_row="skip"), 0, "rows.jsonl")
    rows = [{"instruction": "Q", "answer": [n]} for n in range(40)]
    assert [*reader.all([*rows, {"answer": 1}])] == [[]] * 41
    assert reader.summary == (
        "41 rows skipped: answer is a list 40, instruction is missing 1"
    )


def test_a_bad_row_keeps_its_reason_between_processes() -> None:
    error = pickle.loads(pickle.dumps(BadRow("answer: is empty.", "answer is empty")))
    assert (str(error), error.reason) == ("answer: is empty.", "answer is empty")
