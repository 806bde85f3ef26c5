"""Columns with explanations: `explanation` is read, others are named."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import make_reader
from axolotl_explain.sources.unread import unread_explanations
from axolotl_explain.training.strategy import make_planner

ROW = {"instruction": "Add.", "answer": "7"}
TEXT = "3, then 4 more."


def test_a_column_explanation_is_the_long_one_where_there_is_no_other() -> None:
    row = {**ROW, "explanation": f" {TEXT} "}
    assert Example.from_row(row).explanations == {"long": TEXT}
    row = {**row, "explanations": {"short": "3 + 4."}, "explanation_long": None}
    assert Example.from_row(row).explanations == {"short": "3 + 4."}
    assert Example.from_row({**ROW, "explanation": ["a", "b"]}).explanations == {}


def test_a_column_explanation_that_is_mapped_is_read_once() -> None:
    row = {**ROW, "explanation": TEXT}
    for columns, expected in (
        ({"medium": "explanation"}, {"medium": TEXT}),
        ({"answer": "explanation"}, {}),
        ({"answer": "answer"}, {"long": TEXT}),
    ):
        (example,) = make_reader(ExplainOptions(columns=columns), 0)(row)
        assert example.explanations == expected


@pytest.mark.parametrize(
    ("column", "options", "unread"),
    [
        ("rationale", {}, True),
        ("Reasoning", {}, True),
        ("chain_of_thought", {}, True),
        ("cot", {}, True),
        ("model_solution", {}, True),
        ("explanaition", {}, True),
        ("expl", {}, True),
        ("Begründung", {}, True),
        ("analysis", {}, True),
        ("explicit", {}, False),
        ("explanation_long", {}, False),
        ("meta", {}, False),
        ("cottage", {}, False),
        ("comment", {}, False),
        ("solution", {"preset": "gsm8k"}, False),
        ("rationale", {"preset": "gsm8k"}, True),
        ("rationale", {"columns": {"long": "rationale"}}, False),
        ("rationale", {"columns": {"long": "{{ rationale }}."}}, False),
        ("rationale", {"columns": {"answer": "answer"}}, True),
        ("reasoning", {"messages": {}}, True),
    ],
)
def test_columns_that_look_like_explanations_are_named_unless_read(
    column: str, options: dict[str, Any], unread: bool
) -> None:
    found = unread_explanations({**ROW, column: TEXT}, ExplainOptions(**options))
    assert found == [column] * unread


@pytest.mark.parametrize("value", [None, "", "7", 7, [], {"a": None}])
def test_a_column_without_words_is_no_explanation(value: object) -> None:
    assert unread_explanations({**ROW, "rationale": value}, ExplainOptions()) == []


@pytest.mark.parametrize(
    ("row", "options", "unread"),
    [
        ({"meta": {"explanation": TEXT}}, {}, ["meta.explanation"]),
        ({"meta": '{"rationale": "3, then 4 more."}'}, {}, ["meta.rationale"]),
        ({"extra": {"id": 3, "cot": [TEXT]}}, {}, ["extra.cot"]),
        ({"meta": {"explanation": TEXT}}, {"preset": "gsm8k"}, ["meta.explanation"]),
        ({"meta": {"reasoning": "deepseek r1"}}, {}, []),
        ({"meta": {"steps": 4, "year": 1952}}, {}, []),
        ({"meta": "rationale: 3, then 4 more"}, {}, []),
        ({"meta": {"why": TEXT}}, {"columns": {"long": "{{ meta.why }}"}}, []),
    ],
)
def test_fields_of_a_column_that_look_like_explanations_are_named(
    row: dict[str, Any], options: dict[str, Any], unread: list[str]
) -> None:
    assert unread_explanations({**ROW, **row}, ExplainOptions(**options)) == unread


def test_the_way_out_that_a_field_of_meta_is_given_reads_it() -> None:
    row = {**ROW, "meta": {"explanation": TEXT}}
    planner = make_planner("data.jsonl", ExplainOptions(level="long"))
    with pytest.raises(ExplainError, match=r'columns: \{long: "\{\{ meta.explanation'):
        planner.row(row)
    options = ExplainOptions(columns={"long": "{{ meta.explanation }}"})
    (example,) = make_reader(options, 0)(row)
    assert example.explanations == {"long": TEXT}


def test_training_counts_rows_whose_explanation_nobody_reads() -> None:
    row = {**ROW, "rationale": TEXT}
    planner = make_planner("data.jsonl", ExplainOptions(level="all"))
    assert [one.outcome for one in planner.row(row)] == [Outcome.UNREAD]
    planner = make_planner("data.jsonl", ExplainOptions(level="none"))
    assert [one.outcome for one in planner.row(row)] == [Outcome.AS_WANTED]


def test_a_column_explanation_beside_levels_or_in_parts_is_read_by_nobody() -> None:
    beside = {**ROW, "explanation": TEXT, "explanation_short": "3 + 4."}
    for level, row in (("all", beside), ("all", {**ROW, "explanation": ["3,", TEXT]})):
        assert unread_explanations(row, ExplainOptions()) == ["explanation"]
        planner = make_planner("data.jsonl", ExplainOptions(level=level))
        assert planner.row(row)[0].outcome == Outcome.UNREAD
    planner = make_planner("data.jsonl", ExplainOptions(level="long"))
    with pytest.raises(ExplainError, match="Nobody reads explanation; map it"):
        planner.row(beside)
    same = {**ROW, "explanation": TEXT, "explanation_long": TEXT}
    assert planner.row(same)[0].outcome == Outcome.AS_WANTED


def test_a_missing_level_names_the_column_that_may_hold_it() -> None:
    planner = make_planner("data.jsonl", ExplainOptions(level="long"))
    with pytest.raises(ExplainError, match="Nobody reads rationale; map it"):
        planner.row({**ROW, "rationale": TEXT})
