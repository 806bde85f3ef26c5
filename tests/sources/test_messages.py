"""Conversations: where the explanation is, what the history is, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import Example, Turn
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import make_reader


def ask(answer: Any, **turn: Any) -> list[dict[str, Any]]:
    question = {"role": "user", "content": "What is 3 + 4?"}
    return [question, {"role": "assistant", "content": answer, **turn}]


def read(row: dict[str, Any], **messages: Any) -> Example:
    (example,) = make_reader(ExplainOptions(messages=messages), 0)(row)
    return example


def parts(example: Example) -> tuple[str, str]:
    return example.explanations.get("long", ""), example.answer


@pytest.mark.parametrize(
    ("turns", "messages"),
    [
        (ask("<think>\n3, then 4.\n</think>\n\n7"), {}),
        (ask("3, then 4.</think>7"), {}),
        (ask("<thinking>3, then 4.</thinking>7"), {}),
        (ask("7", reasoning_content="3, then 4."), {}),
        (ask("7", thinking="3, then 4."), {"explanation": "field"}),
        (ask("7", reasoning_content=None, reasoning="3, then 4."), {}),
        (ask("3, then 4.\n#### 7"), {"separator": "\n#### "}),
        (ask([{"type": "text", "text": "<think>3, then 4.</think>7"}]), {}),
        (ask([{"type": "text", "value": "<think>3, then 4.</think>7"}]), {}),
        (ask([{"type": "text", "content": "<think>3, then 4.</think>7"}]), {}),
    ],
)
def test_the_explanation_is_found_where_it_is(
    turns: list[dict[str, Any]], messages: dict[str, Any]
) -> None:
    assert parts(read({"messages": turns}, **messages)) == ("3, then 4.", "7")


@pytest.mark.parametrize(
    "span", ["", "<think>\n\n</think>", "<think>3, then 4.</think>"]
)
def test_a_reasoning_field_may_stand_beside_an_empty_or_equal_span(span: str) -> None:
    turns = ask(f"{span}7", reasoning_content="3, then 4.")
    assert parts(read({"messages": turns})) == ("3, then 4.", "7")


@pytest.mark.parametrize(
    "text",
    [
        "<think>\n\n</think>\n\n7",
        "<think></think>7",
        "</think>7",
        "<answer>7</answer>",
        "<think>\n</think>\n<answer>\n7\n</answer>\n",
    ],
)
def test_empty_thoughts_are_no_explanation_and_no_part_of_the_answer(text: str) -> None:
    example = read({"messages": ask(text)})
    assert (example.answer, example.levels) == ("7", {"none"})


@pytest.mark.parametrize(
    "text",
    [
        "<think><think>A, B</think></think>7",
        "<think>\n<think>\nA, B\n</think>\n7",
        "<think></think>\nA, B</think>7",
        "<think>A, </think><think>B</think>7",
        "A, <think>B</think>7",
        "<think>A, B</think>\n<answer>7</answer>",
        "<reasoning>A, B</reasoning>\n<answer>7</answer>",
        "A, B\n<answer>7</answer>",
    ],
)
def test_doubled_nested_and_early_tags_are_no_part_of_either(text: str) -> None:
    explanation, answer = parts(read({"messages": ask(text)}))
    assert (explanation.replace("\n", ""), answer) == ("A, B", "7")


def test_an_answer_without_an_explanation_is_an_answer() -> None:
    assert read({"messages": ask("7")}).levels == {"none"}


def test_sharegpt_means_the_same_as_messages() -> None:
    turns = [
        {"from": "system", "value": "Be exact."},
        {"from": "human", "value": "Q"},
        {"from": "gpt", "value": "<think>T</think>A"},
    ]
    row = {"conversations": turns, "messages": None, "id": 4}
    assert read(row, level="short") == Example(
        "Q", "A", explanations={"short": "T"}, id="4", system="Be exact."
    )


def test_earlier_turns_are_the_history() -> None:
    turns = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello, what is it?"},
        *ask("<think>3, then 4.</think>7"),
    ]
    example = read({"talk": turns, "system": "Be kind."}, column="talk")
    assert example.instruction == "What is 3 + 4?"
    assert example.system == "Be kind."
    assert example.history == (
        Turn("user", "Hello."),
        Turn("assistant", "Hello, what is it?"),
    )


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        (ask("7")[:1], "conversation does not end in a user's turn and the "),
        ([], "messages is no list of turns"),
        ("hello", "messages is no list of turns"),
        (["hello"], "a turn is no mapping"),
        ([*ask("7"), {"role": "tool", "content": "4"}], "a turn has another role"),
        (ask("<think>3, then 4"), "thinking has no end"),
        (ask("<think>3</think><think>then 4"), "thinking has no end"),
        (ask("<think>3</think>7", reasoning="then 4"), "a turn has two explanations"),
        (ask([{"type": "image", "url": "x"}]), "a turn holds more than text"),
        (ask(["7"]), "a turn holds more than text"),
        (ask({"text": "7"}), "content is a dict"),
        (ask("<think>all of it</think>"), "no answer"),
        (
            [*ask("7"), {"role": "system", "content": "s"}, *ask("8")],
            "system turn in the middle",
        ),
    ],
)
def test_other_conversations_are_bad_rows(turns: Any, reason: str) -> None:
    with pytest.raises(BadRow) as caught:
        read({"messages": turns})
    assert caught.value.reason.startswith(reason)


def test_a_separator_that_is_not_there_is_a_bad_row() -> None:
    with pytest.raises(BadRow, match="'####' is not in the answering turn"):
        read({"messages": ask("7")}, separator="####")


def test_without_a_column_of_turns_all_columns_are_listed() -> None:
    with pytest.raises(ExplainError, match=r"no column messages or .* are text, n;"):
        read({"text": "", "n": 1})


def test_a_preset_and_messages_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="two ways to read the same row"):
        ExplainOptions(preset="gsm8k", messages={})


def test_a_part_without_a_text_is_a_bad_row() -> None:
    with pytest.raises(BadRow, match="has no text; write it under text"):
        read({"messages": ask([{"type": "text", "words": "7"}])})


@pytest.mark.parametrize(
    "mark",
    [
        {"weight": 0},
        {"train": False},
        {"training": False},
        {"loss": 0},
        {"weight": 1, "train": False},
    ],
)
def test_a_last_turn_that_is_not_to_be_trained_is_a_bad_row(
    mark: dict[str, Any],
) -> None:
    with pytest.raises(BadRow, match="last turn is marked not to be trained"):
        read({"messages": ask("7", **mark)})


def test_a_part_of_the_last_turn_that_is_not_to_be_trained_is_a_bad_row() -> None:
    content = [{"type": "text", "text": "7", "weight": 0}]
    with pytest.raises(BadRow, match="weight: 0"):
        read({"messages": ask(content)})


def test_an_earlier_turn_that_is_to_be_trained_is_a_bad_row() -> None:
    with pytest.raises(BadRow, match=r"turn 2 is marked to be trained \(train: true\)"):
        read({"messages": [*ask("7", train=True), *ask("7")]})


def test_marks_that_say_what_is_done_anyway_change_nothing() -> None:
    turns = [*ask("6", weight=0, train=None), *ask("7", weight=1, train=True)]
    plain = [*ask("6"), *ask("7")]
    assert read({"messages": turns}) == read({"messages": plain})


def test_a_weight_between_all_and_nothing_is_a_bad_row() -> None:
    with pytest.raises(BadRow, match=r"weight: 0\.5"):
        read({"messages": ask("7", weight=0.5)})
