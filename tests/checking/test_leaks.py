"""A prompt that says its answer leaks it, wherever it does; a list does not."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.leaks import answer_leak, explanation_leak, history_says
from axolotl_explain.core.example import Example, Turn
from axolotl_explain.core.target import TargetFormat

LAYOUT = TargetFormat()


def leaks(answer: str, **fields: Any) -> list[str]:
    example = Example(**{"instruction": "Which is it?", "answer": answer, **fields})
    problem = CheckedProblem(example, example.explanations)
    return [one.message for one in answer_leak(problem, LAYOUT)]


@pytest.mark.parametrize(
    "text",
    [
        "Label: 17",
        "It holds 9.\nGold label = 17",
        '{"there": 9, "label": "17"}',
        "[target -> 17]",
        "Correct option: 17.",
        "ground_truth: **17**",
        "Final answer: 17",
        "How many (answer: 17)",
        "Ans: 17",
        "We know that the answer is 17.",
        "<answer>17</answer>",
        "So \\boxed{17}",
        "It holds 9.\n#### 17",
        "### Target\n17",
        "Antwort: 17",
    ],
)
@pytest.mark.parametrize("field", ["instruction", "input", "system"])
def test_an_answer_that_is_named_as_one_leaks(field: str, text: str) -> None:
    (message,) = leaks("17", **{field: text})
    assert "17" in message


@pytest.mark.parametrize(
    "text",
    [
        "Label: 170",
        "\\boxed{170}",
        "Write <answer>17</answer> or <answer>18</answer>.",
        "### Answer\n17 or 18?",
        "Labels: 17, 18 or 19",
        "Label: 17, 18 or 19?",
        "Review: warm. Label: 17\nReview: cold. Label: 18\nReview: hot. Label:",
        "A) 17\nB) 18",
        "It holds 17 crates.",
        "Target practice: 17 is the limit of 18.",
    ],
)
def test_an_answer_that_only_stands_there_does_not(text: str) -> None:
    assert leaks("17", input=text) == []


def test_a_whole_text_that_is_the_answer_leaks() -> None:
    assert leaks("western", system="Western.") == [
        "the system prompt is the answer 'western'"
    ]


def test_a_user_turn_leaks_and_one_of_the_assistant_is_told_apart() -> None:
    asked = (Turn("user", "The answer is 17."), Turn("assistant", "Fine."))
    assert len(leaks("17", history=asked)) == 1
    said = (Turn("user", "How many?"), Turn("assistant", "Final answer: 17"))
    assert leaks("17", history=said) == []
    example = Example("And now?", "17", history=said)
    assert "history[1]" in history_says(CheckedProblem(example, {}), LAYOUT)


def test_an_explanation_in_the_system_prompt_leaks() -> None:
    text = "There are nine, and eight more come."
    example = Example("How many?", "17", "", {"long": text}, system=f"Hint: {text}")
    problem = CheckedProblem(example, example.explanations)
    assert [one.code for one in explanation_leak(problem, LAYOUT)] == [
        "explanation-in-prompt"
    ]
