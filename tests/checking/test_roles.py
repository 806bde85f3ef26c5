"""Answers that are no answers, and explanations that are none, are told from others."""

from __future__ import annotations

import pytest

from axolotl_explain.checking.across_rows import AcrossRows
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.checking.roles import (
    bare_answers,
    swapped,
    unwritten_answer,
    wrapped_answer,
)
from axolotl_explain.core.example import Example
from axolotl_explain.core.target import TargetFormat

LAYOUT = TargetFormat()


def problem(answer: str, explanation: str = "Two and two.") -> CheckedProblem:
    example = Example("How many?", answer, "", {"long": explanation})
    return CheckedProblem(example, example.explanations)


@pytest.mark.parametrize(
    "answer",
    [
        "\\boxed{4}",
        "$\\boxed{\\frac{1}{2}}$",
        "<answer>4</answer>",
        "It is 4.</answer>",
        "#### 4",
        "The answer is 4.",
        "So the final answer is: 4",
        "**Answer:** 4",
        "\\fbox{4}",
        "\\text{4}",
        "**4**",
        "`4`",
        '{"answer": 4}',
        "Result = 4",
        "Antwort: 4",
        "<|begin_of_solution|>4<|end_of_solution|>",
        "(4)",
        "(1,000).",
        "(north)",
        '"4"',
        "'four'",
        "“four”",
        "$4$",
        "$$x^2$$",
        "\\(4\\)",
        "\\[4\\]",
        "*4*",
        "-> 4",
        "= 4",
    ],
)
def test_what_stands_around_an_answer_is_found(answer: str) -> None:
    assert [one.code for one in wrapped_answer(problem(answer), LAYOUT)] == [
        "answer-wrapped"
    ]


@pytest.mark.parametrize(
    "answer",
    [
        "**4** of `n`",
        "results",
        "`a` and `b`",
        "{4}",
        "\\text{a} + 4",
        "4",
        "\\frac{1}{2}",
        "<b>4</b>",
        "answers",
        "x > 4",
        "# 4",
        "a <= b",
        "(A)",
        "(iv)",
        "(1, 2)",
        "(x + 1)",
        "(a)(b)",
        "$4",
        "$4 and $5",
        "$a$ and $b$",
        "\\(a\\) and \\(b\\)",
        "'a' or 'b'",
        "'tis 'twas",
        "4 * 5 * 6",
        "=SUM(A1:A3)",
        "-4",
    ],
)
def test_a_bare_answer_is_bare(answer: str) -> None:
    assert list(wrapped_answer(problem(answer), LAYOUT)) == []


@pytest.mark.parametrize(
    ("answer", "unwritten"),
    [
        ("TODO", 1),
        ("nan", 1),
        ("...", 1),
        ("<answer>", 1),
        ("TBD", 1),
        ("see above", 1),
        ("Same as above.", 1),
        ("ERROR", 0),
        ("above", 0),
        ("null", 1),
        ("None", 0),
        ("N/A", 0),
        ("unknown", 0),
        ("?!x", 0),
        ("+", 0),
        ("-1", 0),
    ],
)
def test_answers_that_are_to_be_written_are_found(answer: str, unwritten: int) -> None:
    assert len(list(unwritten_answer(problem(answer), LAYOUT))) == unwritten


@pytest.mark.parametrize(
    ("explanation", "alone"),
    [
        ("4", 1),
        ("**4.**", 1),
        ("The answer is 4.", 1),
        ("So the final answer is: 4", 1),
        ("Answer: 4", 1),
        ("The answer is 4, as two and two.", 0),
        ("The answer is 44.", 0),
        ("2 + 2 is 4.", 0),
    ],
)
def test_an_explanation_that_says_the_answer_alone_is_found(
    explanation: str, alone: int
) -> None:
    assert len(list(bare_answers(problem("4", explanation), LAYOUT))) == alone


def test_explanations_that_differ_in_the_answer_alone_are_alike() -> None:
    findings = FindingCollector()
    rows = AcrossRows(findings, "rows.jsonl")
    for number in range(1, 21):
        text = (
            f"The text says so: {number}."
            if number > 8
            else f"It is, say, {number} {number**3}."
        )
        rows.add(number, problem(str(number), text), LAYOUT)
    rows.finish()
    assert [(one.code, one.message) for one in findings.list()] == [
        ("one-explanation-only", "long: 12 of 20 are alike, the first in row 9")
    ]


def codes_of(answers: list[str]) -> list[tuple[str, int]]:
    findings = FindingCollector()
    rows = AcrossRows(findings, "rows.jsonl")
    for number, answer in enumerate(answers, 1):
        text = f"It is row {number * 7}."
        rows.add(number, problem(answer, text), LAYOUT)
    rows.finish()
    return [(one.code, one.num_rows) for one in findings.list()]


@pytest.mark.parametrize(
    "feeble", ["ERROR", "not sure", "I don't know.", "-", "?", "#REF!", "Timeout"]
)
def test_what_stands_for_an_answer_among_many_is_a_placeholder(feeble: str) -> None:
    numbers = [str(number) for number in range(10)]
    assert codes_of([*numbers, feeble]) == [("answer-placeholder", 1)]


@pytest.mark.parametrize(
    "labels",
    [
        ["INFO", "WARN", "ERROR"] * 5,
        ["yes", "no", "not sure"] * 5,
        ["+", "-", "*", "/", "%", "<", "-"],
    ],
)
def test_a_label_of_a_closed_set_is_none(labels: list[str]) -> None:
    assert codes_of(labels) == []


def test_an_a_before_an_answer_is_a_label_unless_there_are_others() -> None:
    assert codes_of(["A: 4", "A: 5"]) == [("answer-wrapped", 2)]
    assert codes_of(["A: red", "B: blue"]) == []


def test_an_answer_that_ends_in_its_explanation_is_swapped_with_it() -> None:
    found = swapped(problem("A sheriff rides in, so it is a western.", "Western"))
    assert found is not None
    assert found.sure
    assert swapped(problem("western", "A sheriff rides in: a western.")) is None
    assert swapped(problem("the long way round by the 17th bridge", "17")) is None


def test_many_answers_that_hold_their_explanations_are_swapped_with_them() -> None:
    for count, reported in ((4, 0), (12, 12)):
        findings = FindingCollector()
        rows = AcrossRows(findings, "data.jsonl")
        for row in range(count):
            said = f"It is {row} crates that the shed holds now."
            rows.add(row + 1, problem(said, f"{row} crates"), LAYOUT)
        rows.finish()
        numbers = [
            one.num_rows
            for one in findings.list()
            if one.code == "answer-explanation-swapped"
        ]
        assert sum(numbers) == reported
