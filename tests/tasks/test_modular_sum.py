"""Modular sums."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.tasks.modular_sum import (
    MODULAR_SUM,
    ModularSumOptions,
    as_example,
)

OPTIONS = ModularSumOptions(max_value=29, modulus=10)
EXAMPLES = [MODULAR_SUM.problem(OPTIONS, 5, "train", index, 0) for index in range(40)]
NUMBER = re.compile("[0-9]+")


def test_the_words():
    example = as_example([15, 27, 1], 10, "x")
    assert (example.input, example.answer) == ("15 + 27 + 1", "3")
    assert example.explanations == {
        "short": "2\n3",
        "medium": "15 + 27 = 42 -> 2\n2 + 1 = 3 -> 3",
        "long": "Add 27 to 15: 15 + 27 = 42, and 42 modulo 10 is 2.\n"
        "Add 1 to 2: 2 + 1 = 3, and 3 modulo 10 is 3.",
    }


def test_answers_and_running_results_are_those_of_plain_sums():
    for example in EXAMPLES:
        addends = [int(text) for text in example.input.split(" + ")]
        running = [str(sum(addends[:n]) % 10) for n in range(2, len(addends) + 1)]
        assert example.answer == running[-1]
        for level in EXPLAINED:
            lines = example.explanations[level].splitlines()
            assert [NUMBER.findall(line)[-1] for line in lines] == running
        assert example.meta["list_length"] == len(addends)
        assert example.meta["num_operators"] == len(addends) - 1


@pytest.mark.parametrize("level", EXPLAINED)
def test_every_explanation_is_accepted(level):
    for example in EXAMPLES:
        assert MODULAR_SUM.verify(example, level, example.explanations[level]).valid


@given(st.sampled_from(EXAMPLES), st.sampled_from(EXPLAINED), st.data())
def test_any_number_changed_is_rejected_at_its_step(example, level, data):
    text = example.explanations[level]
    number = data.draw(st.sampled_from(list(NUMBER.finditer(text))))
    other = data.draw(st.integers(0, 99).map(str).filter(lambda n: n != number.group()))
    changed = text[: number.start()] + other + text[number.end() :]
    verdict = MODULAR_SUM.verify(example, level, changed)
    assert not verdict.valid
    assert verdict.step == text[: number.start()].count("\n") + 1


def test_the_modulus_follows_the_largest_addend_so_that_every_digit_matters():
    assert ModularSumOptions(max_value=4).modulus == 10
    assert ModularSumOptions(max_value=99).modulus == 100
    assert ModularSumOptions(max_value=99, modulus=7).modulus == 7
    example = as_example([57, 88, 99], 100, "x")
    assert example.answer == "44"
    assert example.explanations["medium"] == "57 + 88 = 145 -> 45\n45 + 99 = 144 -> 44"


@given(st.sampled_from(EXAMPLES), st.sampled_from(EXPLAINED), st.data())
def test_a_step_dropped_or_doubled_is_rejected(example, level, data):
    lines = example.explanations[level].splitlines()
    at = data.draw(st.integers(0, len(lines) - 2))
    for changed in (
        lines[:at] + lines[at + 1 :],
        lines[: at + 1] + lines[at:],
    ):
        if changed != lines:
            assert not MODULAR_SUM.verify(example, level, "\n".join(changed)).valid


def test_the_reason_names_the_step():
    verdict = MODULAR_SUM.verify(
        as_example([3, 7, 2], 10, "x"), "medium", "3 + 7 = 10 -> 0\n0 + 2 = 3 -> 3"
    )
    assert verdict.reason == "step 2 (+): here 0 + 2 = 2; the text has 0 + 2 = 3"


@given(st.text(), st.sampled_from(EXPLAINED))
def test_garbage_gets_a_verdict(text, level):
    assert not MODULAR_SUM.verify(EXAMPLES[0], level, text + "x").valid


@pytest.mark.parametrize("problem", ["", "3", "3 + ", "3 + x", "3 - 2", "3 + ²"])
def test_a_problem_that_is_no_sum_is_an_error(problem):
    example = Example(instruction="x", answer="1", input=problem, meta={"modulus": 10})
    with pytest.raises(ExplainError, match=r"input: .* is no sum"):
        MODULAR_SUM.verify(example, "short", "1")


def test_a_sum_needs_two_addends():
    with pytest.raises(ExplainError, match="--min-length 1: it must be at least 2"):
        ModularSumOptions(min_length=1)
