"""Which source fits rows that nothing was said of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.recognise import Recognised, recognise

ROWS = Path(__file__).parent / "presets" / "rows"
SHAPES = {
    name: [json.loads(line) for line in (ROWS / f"{name}.jsonl").open(encoding="utf-8")]
    for name in PRESETS
}
CANONICAL = {"instruction": "Add 3 and 4.", "answer": "7"}
TURNS = [{"role": "user", "content": "3 + 4?"}]


def found(*rows: dict[str, Any]) -> Recognised:
    recognised = recognise(rows)
    assert recognised is not None
    return recognised


def said(text: str, **keys: str) -> dict[str, Any]:
    return {"messages": [*TURNS, {"role": "assistant", "content": text, **keys}]}


@pytest.mark.parametrize("name", PRESETS)
def test_each_public_dataset_is_known_by_its_rows(name: str) -> None:
    assert found(*SHAPES[name]).block == {"preset": name}


def test_canonical_rows_need_nothing() -> None:
    rows = [{**CANONICAL, "explanations": {"short": "3 + 4 = 7"}}, CANONICAL]
    one = found(*rows)
    assert one.block == {}
    assert (one.levels["short"], one.common, one.explained) == (1, [], 1)


def test_canonical_rows_may_explain_themselves_in_another_column() -> None:
    row = {**CANONICAL, "rationale": "3, and then 4 more."}
    assert found(row).block == {"columns": {"long": "rationale"}}
    assert found(row).common == ["long"]


@pytest.mark.parametrize(
    ("row", "block"),
    [
        (said("<think>3, then 4.</think>7"), {}),
        (said("7", reasoning_content="3, then 4."), {}),
        (said("3, then 4.\nFinal answer: 7"), {"separator": "Final answer:"}),
        (said("3, then 4.\n#### 7"), {"separator": "####"}),
        (said("7"), {}),
    ],
)
def test_conversations_are_read_with_the_separator_they_have(
    row: dict[str, Any], block: dict[str, str]
) -> None:
    assert found(row).block == {"messages": block}
    assert [one.answer for one in found(row).examples] == ["7"]


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (
            {"Question": "3 + 4?", "Label": "7", "Why": "3, then 4 more."},
            {"instruction": "Question", "answer": "Label", "long": "Why"},
        ),
        (
            {"prompt": "Add.", "context": "3, 4", "response": "7", "id": "a"},
            {"instruction": "prompt", "answer": "response", "input": "context"}
            | {"id": "id"},
        ),
        (
            {"query": "3 + 4?", "gold": 7, "explanation_short": "3 + 4"}
            | {"explanation_long": "3, and then 4 more."},
            {"instruction": "query", "answer": "gold", "short": "explanation_short"}
            | {"long": "explanation_long"},
        ),
    ],
)
def test_columns_are_guessed_by_their_names(
    row: dict[str, Any], columns: dict[str, str]
) -> None:
    assert found(row).block == {"columns": columns}
    assert found(row).examples[0].answer == "7"


def test_a_column_that_is_empty_is_no_question() -> None:
    rows = [{"question": "", "text": "3 + 4?", "answer": "7"}] * 3
    assert found(*rows).block["columns"]["instruction"] == "text"


def test_rows_that_nothing_fits_are_not_guessed_at() -> None:
    assert recognise([{"a": "3 + 4?", "b": "7"}]) is None
    assert recognise([]) is None


def test_a_bad_row_among_good_ones_is_counted() -> None:
    one = found(*[CANONICAL] * 19, {"instruction": "Add."})
    assert (one.block, one.rows, one.bad) == ({}, 20, 1)
    assert one.first_bad.startswith("row 20, answer: is missing")
