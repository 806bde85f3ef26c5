"""A row without an answer is the same question as the row with it, of every source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.questions import read_question
from axolotl_explain.sources.reader import make_reader
from tests.fixtures.bench import refusal, sum_row

ROWS = Path(__file__).parent / "presets" / "rows"


def question(options: Mapping[str, Any], row: Mapping[str, Any]) -> Example:
    (found,) = read_question(SourceOptions(**options), 0, row)
    return found


def bare(example: Example) -> Example:
    """An example without its answer and all that leads to it."""
    return replace(example, answer="", explanations={}, steps=(), meta={})


@pytest.mark.parametrize("name", PRESETS)
def test_a_row_of_a_preset_without_its_answer_is_the_same_question(name: str) -> None:
    preset, options = PRESETS[name], SourceOptions(preset=name)
    lines = (ROWS / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    tried = 0
    for row in rows:
        try:
            (answered, *_) = make_reader(options, 0)(row)
        except ValueError:
            continue
        columns = {one for field in preset.any_answer for one in preset.columns[field]}
        asked = {key: value for key, value in row.items() if key not in columns}
        for turns in preset.columns.get("conversations", ()):
            if turns in asked:
                asked[turns] = asked[turns][:-1]
        if asked == row:
            continue
        tried += 1
        assert bare(question({"preset": name}, asked)) == bare(answered)
        assert question({"preset": name}, row) == answered
    assert tried


def test_a_canonical_row_keeps_the_answer_it_has() -> None:
    row = sum_row(3)
    assert question({}, row) == Example.from_row(row)
    asked = {key: row[key] for key in ("id", "instruction", "input")}
    assert question({}, asked) == bare(Example.from_row(row))
    assert question({}, {**asked, "answer": None}).answer == ""


def test_columns_of_the_answer_and_the_explanations_may_be_missing() -> None:
    options = {"columns": {"instruction": "q", "answer": "a", "long": "why"}}
    assert question(options, {"q": "What?"}) == Example("What?", "")
    assert question(options, {"q": "What?", "a": "3", "why": "So."}) == Example(
        "What?", "3", explanations={"long": "So."}
    )
    template = {"columns": {"instruction": "q", "answer": "{{ row.a.upper() }}"}}
    assert question(template, {"q": "What?"}).answer == ""
    assert question(template, {"q": "What?", "a": "b"}).answer == "B"


@pytest.mark.parametrize(
    "turns",
    [
        [{"role": "system", "content": "S"}, {"role": "user", "content": "What?"}],
        [{"from": "system", "value": "S"}, {"from": "human", "value": "What?"}],
    ],
)
def test_a_conversation_may_end_in_a_question(turns: list[dict[str, str]]) -> None:
    for options in (
        {"messages": {}},
        {"messages": {"explanation": "separator", "separator": "##"}},
    ):
        found = question(options, {"messages": turns})
        assert (found.system, found.instruction, found.answer) == ("S", "What?", "")


def test_a_row_without_a_question_is_refused() -> None:
    assert refusal(question, {}, {"answer": "3"}).startswith("instruction: is missing")
    message = refusal(question, {"preset": "gsm8k"}, {"id": "3"})
    assert message.startswith("question: there is no column question")


def test_an_answer_that_cannot_be_read_is_refused_and_not_left_out() -> None:
    message = refusal(question, {}, {"instruction": "What?", "answer": [3]})
    assert message.startswith("answer: [3] is a list")
    message = refusal(question, {"preset": "gsm8k"}, {"question": "?", "answer": "3"})
    assert message.startswith("answer: no ####")
