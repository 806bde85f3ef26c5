"""Explanations of ListOps problems, and verdicts on them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.tasks.listops import LISTOPS, ListOpsOptions
from axolotl_explain.tasks.listops.parse import parse
from axolotl_explain.tasks.listops.problem import as_example

OPTIONS = ListOpsOptions(max_value=29)
EXAMPLES = [LISTOPS.problem(OPTIONS, 5, "train", index, 0) for index in range(40)]
NUMBER = re.compile("[0-9]+")


def example_of(problem, modulus=10):
    return as_example(parse(problem), modulus, "x")


def test_the_words_of_every_operator():
    example = example_of("[MAX 4 [MED 9 4 ] [MED 9 4 2 ] [SM 15 27 1 ] [MIN 3 7 ] ]")
    assert example.answer == "6"
    assert example.explanations == {
        "short": "MED 6\nMED 4\nSM 3\nMIN 3\nMAX 6",
        "medium": "MED 9, 4 -> sorted 4, 9 -> 6\n"
        "MED 9, 4, 2 -> sorted 2, 4, 9 -> 4\n"
        "SM 15, 27, 1 -> sum 43 -> 3\n"
        "MIN 3, 7 -> 3\n"
        "MAX 4, 6, 4, 3, 3 -> 6",
        "long": "MED sorts 9, 4 into 4, 9; the two middle numbers are 4 and 9, their "
        "sum is 13 and their truncated mean is 6.\n"
        "MED sorts 9, 4, 2 into 2, 4, 9; the middle number is 4.\n"
        "SM adds 15, 27, 1: 15 + 27 = 42, 42 + 1 = 43, and 43 modulo 10 is 3.\n"
        "MIN takes the smallest of 3, 7, which is 3.\n"
        "MAX takes the largest of 4, 6, 4, 3, 3, which is 6.",
    }


def test_an_operator_with_one_argument_has_words_too():
    example = example_of("[SM [MED 13 ] ]")
    assert example.explanations["long"] == (
        "MED sorts 13 into 13; the middle number is 13.\n"
        "SM adds 13: the sum is 13, and 13 modulo 10 is 3."
    )


def test_results_are_those_of_the_brute_evaluator(brute):
    for example in EXAMPLES:
        steps = brute(example.input)
        assert example.explanations["short"].splitlines() == [
            f"{operator} {result}" for operator, _, result in steps
        ]
        for level in ("medium", "long"):
            lines = example.explanations[level].splitlines()
            for line, (operator, numbers, result) in zip(lines, steps, strict=True):
                assert line.split()[0] == operator
                assert numbers.replace(" ", ", ") in line
                assert NUMBER.findall(line)[-1] == str(result)


@pytest.mark.parametrize("level", EXPLAINED)
def test_every_explanation_is_accepted(level):
    for example in EXAMPLES:
        assert LISTOPS.verify(example, level, example.explanations[level]).valid


@given(st.sampled_from(EXAMPLES), st.sampled_from(EXPLAINED), st.data())
def test_any_number_changed_is_rejected_at_its_step(example, level, data):
    text = example.explanations[level]
    number = data.draw(st.sampled_from(list(NUMBER.finditer(text))))
    other = data.draw(st.integers(0, 99).map(str).filter(lambda n: n != number.group()))
    changed = text[: number.start()] + other + text[number.end() :]
    verdict = LISTOPS.verify(example, level, changed)
    step = text[: number.start()].count("\n") + 1
    assert not verdict.valid
    if verdict.step == step:
        assert verdict.operator == example.meta["operators"][step - 1]
        assert verdict.reason.startswith(f"step {step} ({verdict.operator})")
    else:
        # The changed step is that of another operator, which comes again later.
        operators = example.meta["operators"]
        assert verdict.step > step
        assert operators[step - 1] in operators[step:]


@given(st.sampled_from(EXAMPLES), st.sampled_from(EXPLAINED), st.data())
def test_a_step_dropped_doubled_or_added_is_rejected(example, level, data):
    lines = example.explanations[level].splitlines()
    at = data.draw(st.integers(0, len(lines) - 2))
    tampered = {
        "dropped": lines[:at] + lines[at + 1 :],
        "doubled": lines[: at + 1] + lines[at:],
        "appended": [*lines, lines[at]],
        "cut": [*lines[:-1], lines[-1].rsplit(" ", 1)[0]],
    }
    for way, changed in tampered.items():
        if changed != lines:
            verdict = LISTOPS.verify(example, level, "\n".join(changed))
            assert not verdict.valid, way
            assert verdict.reason, way


@pytest.mark.parametrize(
    ("level", "old", "new", "reason"),
    [
        (
            "medium",
            "sorted 2, 4, 9",
            "sorted 2, 4, 8",
            "step 2 (MED): the sorted list of 4, 9, 2 is 2, 4, 9; the text has 2, 4, 8",
        ),
        (
            "long",
            "15 + 27 = 42",
            "15 + 27 = 41",
            "step 1 (SM): here 15 + 27 = 42; the text has 15 + 27 = 41",
        ),
        (
            "long",
            "43 modulo 10",
            "43 modulo 9",
            "step 1 (SM): here 43 modulo 10; the text has 43 modulo 9",
        ),
        (
            "medium",
            "sum 43",
            "sum 44",
            "step 1 (SM): the sum of 15, 27, 1 is 43; the text has 44",
        ),
        (
            "short",
            "SM 3",
            "SM 43",
            "step 1 (SM): SM of 15, 27, 1 modulo 10 is 3; the text has 43",
        ),
        (
            "medium",
            "MIN 3, 4",
            "MIN 3, 4, 5",
            "step 3 (MIN): MIN acts on 3, 4; the text has 3, 4, 5",
        ),
        (
            "short",
            "MED 4\n",
            "",
            "step 2 (MED): MED of 4, 9, 2 comes here; the text has MIN 3",
        ),
    ],
)
def test_reasons_say_what_is_true_and_what_the_text_has(level, old, new, reason):
    example = example_of("[MIN [SM 15 27 1 ] [MED 4 9 2 ] ]")
    text = example.explanations[level].replace(old, new, 1)
    assert LISTOPS.verify(example, level, text).reason == reason


def test_at_level_none_only_an_empty_text_is_right():
    assert LISTOPS.verify(EXAMPLES[0], "none", " \n").valid
    assert not LISTOPS.verify(EXAMPLES[0], "none", "MIN 3").valid


@given(st.text(), st.sampled_from(EXPLAINED))
def test_garbage_gets_a_verdict(text, level):
    assert not LISTOPS.verify(EXAMPLES[0], level, text).valid


def test_the_modulus_is_that_of_the_example():
    example = example_of("[SM 15 27 1 ]", modulus=30)
    assert example.answer == "13"
    assert LISTOPS.verify(example, "medium", "SM 15, 27, 1 -> sum 43 -> 13").valid


def test_an_example_without_modulus_is_an_error():
    row = {"instruction": "x", "input": "[SM 1 2 ]", "answer": "3"}
    with pytest.raises(ExplainError, match=r"meta\.modulus: None is no whole number"):
        LISTOPS.verify(Example.from_row(row), "short", "SM 3")
