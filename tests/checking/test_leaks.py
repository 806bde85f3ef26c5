"""A prompt that says its answer leaks it, wherever it does; a list does not."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.checking.across_rows import AcrossRows
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import FindingCollector
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
        "It holds 9. Reply with 17.",
        "Please respond only with: **17**",
        "Count them.\nOutput '17'",
        "We know the answer is 17, so add nothing.",
        "The result is 17 because 8 more come.",
        "The correct answer is 17; how is it found?",
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
        "Reply with 17 or 18.",
        "Reply with 17, 18 or 19.",
        "Reply with 170.",
        "Warm? Answer 17. Cold? Answer 18.",
        "If it is warm, write 17.",
        "Write 17 in words.",
        "If the answer is 17, then stop.",
        "The answer is 17, 18 or 19.",
        "The answer is 17,000.",
        "Suppose the result is 17, which is odd.",
        "The answer is 17 crates or fewer.",
    ],
)
def test_an_answer_that_only_stands_there_does_not(text: str) -> None:
    assert leaks("17", input=text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The shed holds 9; a cart brings 8 more.\n17",
        "The shed holds 9; a cart brings 8 more.\n\n(17)",
        "How many does it hold at dusk? 17",
        'It says "bring 8 more to it."\n**17**',
    ],
)
def test_an_input_that_ends_in_the_answer_leaks_it(text: str) -> None:
    assert len(leaks("17", input=text)) == 1
    assert leaks("17", instruction=text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Which one is the largest of these?\n3\n17",
        "The numbers are these:\n17",
        "How many does it hold? 3 or 17",
        "How many does bus no. 17",
        "It stops at the corner of St. 17",
        "Is it?\nYes.\n17",
        "The shed holds 9 and a cart brings 8 more.\n117",
    ],
)
def test_one_that_ends_in_a_list_or_a_sentence_does_not(text: str) -> None:
    assert leaks("17", input=text) == []


def test_the_last_line_of_most_inputs_is_no_item_of_a_list() -> None:
    for leaking, found in ((14, 14), (9, 0)):
        findings = FindingCollector()
        rows = AcrossRows(findings, "rows.jsonl")
        for number in range(20):
            last = number if number < leaking else number + 1
            example = Example("Sum?", str(number), f"{number - 3} and 3\n{last}")
            rows.add(number + 1, CheckedProblem(example, {}), LAYOUT)
        rows.finish()
        numbers = [one.num_rows for one in findings.list()]
        assert sum(numbers) == found


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
