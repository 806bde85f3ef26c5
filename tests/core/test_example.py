"""Example: rows in, rows out, and what is refused on the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example, as_text

BASE = {"instruction": "Name the genre.", "answer": "western"}

texts = st.text(st.characters(codec="utf-8"), max_size=40)
filled = texts.filter(lambda text: text.strip())
rows = st.fixed_dictionaries(
    {"instruction": filled, "answer": filled},
    optional={
        "id": texts,
        "input": texts,
        "level": texts,
        "explanations": st.dictionaries(
            st.sampled_from(["short", "medium", "long"]), texts
        ),
        "meta": st.dictionaries(texts, st.integers()),
        "system": texts,
        "history": st.lists(
            st.fixed_dictionaries(
                {"role": st.sampled_from(["user", "assistant"]), "content": texts}
            )
        ),
    },
)


def refusal(row: dict[str, Any]) -> str:
    """The message that a row is refused with."""
    with pytest.raises(ExplainError) as caught:
        Example.from_row(row)
    return str(caught.value)


@given(rows)
def test_an_example_survives_its_own_row(row: dict[str, Any]) -> None:
    example = Example.from_row(row)
    assert Example.from_row(example.to_row()) == example


@given(rows)
def test_flat_columns_mean_the_same_as_the_nested_mapping(row: dict[str, Any]) -> None:
    flat = {name: value for name, value in row.items() if name != "explanations"}
    for level, text in row.get("explanations", {}).items():
        flat["explanation_" + level] = text
    assert Example.from_row(flat) == Example.from_row(row)


def test_a_row_holds_only_fields_that_say_something() -> None:
    example = Example.from_row({**BASE, "input": "", "id": None, "explanations": {}})
    assert example.to_row() == BASE


def test_explanations_are_written_from_short_to_long() -> None:
    given = {"long": "c", "short": "a", "medium": "b"}
    written = Example.from_row({**BASE, "explanations": given}).to_row()
    assert list(written["explanations"].items()) == [
        ("short", "a"),
        ("medium", "b"),
        ("long", "c"),
    ]


def test_texts_are_stripped_at_both_ends_and_not_inside() -> None:
    example = Example.from_row({"instruction": "\n a  b\n\tc \n", "answer": "\u30004 "})
    assert (example.instruction, example.answer) == ("a  b\n\tc", "4")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"),
        ("None", "None"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-3, "-3"),
        (72.0, "72"),
        (3.5, "3.5"),
        (-0.25, "-0.25"),
    ],
)
def test_a_value_is_spelt_as_in_json(value: object, text: str) -> None:
    assert as_text(value, "answer") == text


@pytest.mark.parametrize("zero", [0, 0.0, False])
def test_an_answer_of_zero_or_false_is_an_answer(zero: object) -> None:
    answer = Example.from_row({**BASE, "answer": zero}).answer
    assert answer == ("false" if zero is False else "0")


@pytest.mark.parametrize("name", ["instruction", "answer"])
def test_a_row_without_a_required_field_names_the_field(name: str) -> None:
    message = refusal({key: value for key, value in BASE.items() if key != name})
    (other,) = set(BASE) - {name}
    assert message == (
        f"{name}: is missing; every row needs one (this row has: {other})."
    )


@pytest.mark.parametrize("blank", ["", " \n\t", None])
def test_a_required_field_of_white_space_is_called_empty(blank: object) -> None:
    assert refusal({**BASE, "answer": blank}).startswith("answer: is empty; every row")


@pytest.mark.parametrize("name", ["instruction", "answer", "input", "id", "level"])
def test_a_list_where_a_text_belongs_names_field_value_and_rule(name: str) -> None:
    message = refusal({**BASE, name: ["a", "b"]})
    assert message.startswith(f"{name}: ['a', 'b'] is a list; ")
    assert "a text, a number or a boolean is needed" in message


def test_an_explanation_that_is_a_list_names_its_level() -> None:
    message = refusal({**BASE, "explanations": {"long": ["a"]}})
    assert message.startswith("explanations.long: ['a'] is a list; ")


def test_an_unknown_level_is_named_with_those_allowed() -> None:
    message = refusal({**BASE, "explanations": {"longer": "x"}})
    assert message == "explanations.longer: no such level; use short, medium, long."


def test_a_text_at_level_none_is_refused_and_says_why() -> None:
    message = refusal({**BASE, "explanations": {"none": "x"}})
    assert message.startswith("explanations.none: ")
    assert "an answer alone needs no text" in message


def test_an_unknown_level_without_a_value_is_padding_of_a_table() -> None:
    row = {**BASE, "explanations": {"longer": None, "long": "x"}}
    assert Example.from_row(row).explanations == {"long": "x"}


def test_explanations_that_are_a_text_show_how_to_write_them() -> None:
    message = refusal({**BASE, "explanations": "Because."})
    assert message.startswith("explanations: 'Because.' is no mapping")
    assert '{"short": "…"' in message


def test_nested_and_flat_that_disagree_are_both_named() -> None:
    message = refusal({**BASE, "explanations": {"long": "a"}, "explanation_long": "b"})
    assert message == (
        "explanations.long and explanation_long disagree; keep one of them."
    )


def test_nested_and_flat_that_agree_are_one_explanation() -> None:
    row = {**BASE, "explanations": {"long": "a"}, "explanation_long": " a\n"}
    assert Example.from_row(row).explanations == {"long": "a"}


def test_meta_that_is_no_mapping_is_refused_by_name() -> None:
    assert refusal({**BASE, "meta": [1]}).startswith("meta: [1] is no mapping")


def test_level_none_is_always_among_the_levels() -> None:
    assert Example("a", "b").levels == {"none"}
    assert Example("a", "b", explanations={"short": "c"}).levels == {"none", "short"}


def test_identities_differ_where_fields_share_a_border() -> None:
    assert Example("ab", "c").identity != Example("a", "bc").identity


def test_the_identity_of_a_problem_does_not_depend_on_its_explanations() -> None:
    plain = Example("a", "b", id="1")
    explained = Example("a", "b", id="1", explanations={"long": "c"})
    assert plain.identity == explained.identity


def test_meta_may_be_written_as_json() -> None:
    example = Example.from_row({**BASE, "meta": '{"year": 1952}'})
    assert example.meta == {"year": 1952}
    assert refusal({**BASE, "meta": "1952"}).startswith("meta: '1952' is no mapping")


@pytest.mark.parametrize("history", ["hello", [{"role": "tool"}], ["hello"], {"a": 1}])
def test_a_history_holds_turns_alone(history: Any) -> None:
    assert refusal({**BASE, "history": history}).startswith("history: ")


def test_what_was_said_before_tells_examples_apart() -> None:
    turns = [{"role": "user", "content": "Hello."}]
    rows = [BASE, {**BASE, "system": "Hello."}, {**BASE, "history": turns}]
    assert len({Example.from_row(row).identity for row in rows}) == 3
    assert Example.from_row(BASE).identity == "\x1fName the genre.\x1f\x1fwestern"
