"""Columns of one's own: names, templates, lists, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import make_reader

ROW = {"q": "Add 3 and 4.", "a": 7, "reason": "3, then 4 more.", "n": None}
COLUMNS = {"instruction": "q", "answer": "a", "long": "reason"}


def read(row: dict[str, Any], columns: dict[str, Any], **more: Any) -> list[Example]:
    options = ExplainOptions(columns=columns, **more)
    return make_reader(options, 0)(row)


def refusal(row: dict[str, Any], columns: dict[str, Any]) -> str:
    with pytest.raises(ExplainError) as caught:
        read(row, columns)
    return str(caught.value)


def test_each_part_is_read_from_its_column() -> None:
    columns = {**COLUMNS, "short": "s", "id": "n", "system": "who", "input": ""}
    row = {**ROW, "s": "7.", "who": "Be exact.", "input": "not this"}
    (example,) = read(row, columns)
    assert example == Example(
        "Add 3 and 4.",
        "7",
        explanations={"short": "7.", "long": "3, then 4 more."},
        system="Be exact.",
    )


def test_a_template_sees_all_columns() -> None:
    row = {"first name": "Ann", "tags": ["a", "b"], "x": 3, "n": None}
    columns = {
        "instruction": "{{ row['first name'] }} has {{ tags | join(' and ') }}.",
        "answer": "{{ x + 1 }}",
        "long": "{% if n %}never{% endif %}{{ n }}so",
    }
    (example,) = read(row, columns)
    assert (example.instruction, example.answer) == ("Ann has a and b.", "4")
    assert example.explanations == {"long": "so"}


def test_what_stands_in_the_data_is_never_a_template() -> None:
    text = "{{ 7 * 7 }} {% for x in y %} {{ ''.__class__ }}"
    (example,) = read({**ROW, "reason": text}, {**COLUMNS, "input": "{{ reason }}"})
    assert example.explanations["long"] == example.input == text


def test_parts_that_are_not_named_come_from_the_canonical_row() -> None:
    row = {"instruction": "Add.", "answer": "7", "input": "3 4", "why": "3 and 4."}
    (example,) = read(row, {"medium": "why"})
    assert example == Example("Add.", "7", "3 4", {"medium": "3 and 4."})


def test_foreign_columns_of_the_same_name_are_not_taken_for_explanations() -> None:
    row = {**ROW, "explanations": ["a", "b"], "explanation_short": 3}
    (example,) = read(row, COLUMNS)
    assert example.explanations == {"long": "3, then 4 more."}


def test_a_list_or_several_columns_are_several_explanations() -> None:
    row = {**ROW, "reason": ["One.", "", "Two."], "more": "Three."}
    columns = {**COLUMNS, "long": ["reason", "more"]}
    found = read(row, columns, several_explanations="each")
    assert [one.explanations["long"] for one in found] == ["One.", "Two.", "Three."]


def test_a_column_that_does_not_exist_lists_those_that_do() -> None:
    assert refusal(ROW, {**COLUMNS, "long": "why"}) == (
        "explain.columns.long: there is no column 'why'; the columns are q, a, "
        "reason, n."
    )


@pytest.mark.parametrize("value", [["7"], {"a": 7}])
def test_a_list_where_a_text_is_needed_is_a_bad_row(value: Any) -> None:
    with pytest.raises(BadRow) as caught:
        read({**ROW, "a": value}, COLUMNS)
    assert caught.value.reason == f"a is a {type(value).__name__}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ q.__init__.__globals__ }}",
        "{{ row.__class__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% for x in range(10 ** 9) %}{% endfor %}",
        "{{ 'a' * 10 ** 10 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ [0] * 10 ** 10 }}",
        "{{ missing }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_template_reaches_neither_python_nor_files_nor_endless_work(
    template: str,
) -> None:
    message = refusal(ROW, {**COLUMNS, "long": template})
    assert message.startswith("explain.columns.long: ")


def test_a_template_that_cannot_be_compiled_is_refused_before_any_row() -> None:
    with pytest.raises(ValueError, match=r"explain\.columns\.long: line 1"):
        ExplainOptions(columns={"long": "{{ reason"})


@pytest.mark.parametrize(
    ("columns", "level"),
    [
        ({"short": "a", "medium": "b"}, "medium"),
        ({"answer": "a"}, "long"),
    ],
)
def test_the_level_is_the_most_explained_of_the_columns(
    columns: dict[str, str], level: str
) -> None:
    assert ExplainOptions(columns=columns).level == level
    assert ExplainOptions(columns=columns, level="none").level == "none"
