"""Explanations in other words, signs and orders: right ones are valid, wrong ones not.

The right ones are written by `derivations`, which shares no code with the package.
"""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.tasks import TASKS
from axolotl_explain.tasks.labelled_lines import parse as letters_of
from axolotl_explain.tasks.listops.parse import parse
from axolotl_explain.tasks.listops.problem import as_example as listops_example
from axolotl_explain.tasks.modular_sum import as_example as sum_example
from tests.tasks.derivations import (
    NUMBER,
    can_be_ordered,
    labelled_lines,
    listops_lines,
    notated,
    sum_lines,
    tree_of,
)

OPTIONS = {
    "listops": {"min_length": 5, "max_length": 20, "max_value": 29, "max_depth": 4},
    "modular_sum": {"min_length": 2, "max_length": 7, "max_value": 99},
    "labelled_sum": {"min_length": 2, "max_length": 7, "max_value": 29, "modulus": 10},
}
PROBLEMS = 30
EXAMPLES = {
    name: [
        task.problem(task.options(**OPTIONS[name]), 9, "train", index)
        for index in range(PROBLEMS)
    ]
    for name, task in TASKS.items()
}
NUMBERS = st.integers(0, PROBLEMS - 1)
RANDOM = st.randoms(use_true_random=False)
every_task = pytest.mark.parametrize("name", TASKS)


def lines_of(name, example, level, rng):
    """A right derivation of an example, in a random order."""
    modulus = example.meta["modulus"]
    if name == "listops":
        return listops_lines(example.input, modulus, level, rng)
    if name == "labelled_sum":
        return labelled_lines(letters_of(example.input), modulus, level, rng)
    addends = [int(number) for number in NUMBER.findall(example.input)]
    return sum_lines(addends, modulus, level, rng)


@every_task
@settings(max_examples=60, deadline=None)
@given(NUMBERS, st.sampled_from(EXPLAINED), RANDOM)
def test_every_right_derivation_is_valid(name, number, level, rng):
    example = EXAMPLES[name][number]
    text = notated(lines_of(name, example, level, rng), rng)
    verdict = TASKS[name].verify(example, level, text)
    assert verdict.valid, (verdict.reason, text)
    assert verdict.strict == (text.split() == example.explanations[level].split())


@every_task
@settings(max_examples=12, deadline=None)
@given(NUMBERS, st.sampled_from(EXPLAINED), RANDOM)
def test_every_number_matters(name, number, level, rng):
    """Whatever number is changed, of a step or in front of it: nothing stays right.

    No change gives another right derivation, for each number is bound by others: sums
    by their addends, a result by its sum, arguments and letters by the problem; and of
    short steps, which say results alone, the set is that of the problem.
    """
    example = EXAMPLES[name][number]
    for text in (
        example.explanations[level],
        notated(lines_of(name, example, level, rng), rng),
    ):
        for found in NUMBER.finditer(text):
            others = {int(found.group()) + 1, rng.randrange(100)} - {int(found.group())}
            for other in others:
                changed = f"{text[: found.start()]}{other}{text[found.end() :]}"
                verdict = TASKS[name].verify(example, level, changed)
                assert not verdict.valid, changed
                assert verdict.step is not None
                assert verdict.reason


@every_task
@settings(max_examples=40, deadline=None)
@given(NUMBERS, st.sampled_from(EXPLAINED), RANDOM)
def test_a_step_left_out_doubled_or_added_is_wrong(name, number, level, rng):
    example = EXAMPLES[name][number]
    lines = lines_of(name, example, level, rng)
    at = rng.randrange(len(lines))
    for changed in (
        lines[:at] + lines[at + 1 :],
        lines[: at + 1] + lines[at:],
        [*lines, lines[at]],
        [*lines, "So it is."],
        ["Let us see.", *lines],
    ):
        assert not TASKS[name].verify(example, level, notated(changed, rng)).valid


@settings(max_examples=150, deadline=None)
@given(RANDOM)
def test_an_order_is_right_if_it_can_be_understood_in_any_way(rng):
    """Problems of two numbers have many steps that look alike."""
    task = TASKS["listops"]
    options = task.options(
        min_length=10, max_length=22, max_value=1, max_args=3, operators=("MIN", "SM")
    )
    example = task.problem(options, rng.randrange(10**6), "train", 0)
    lines = example.explanations["short"].split("\n")
    for _ in range(rng.randrange(1, 4)):
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    labels = [(line.split()[0], int(line.split()[1])) for line in lines]
    right = can_be_ordered(labels, tree_of(example.input), 10)
    assert task.verify(example, "short", "\n".join(lines)).valid == right


LISTOPS = listops_example(parse("[MAX 4 [MED 9 4 ] [SM 15 27 1 ] ]"), 10, "x")
SUM = sum_example([15, 27, 1], 10, "x")


@pytest.mark.parametrize(
    ("example", "level", "text"),
    [
        (SUM, "medium", "27 + 1 = 28 -> 8\n15 + 8 = 23 -> 3"),
        (SUM, "medium", "15 + 27 = 42\n42 + 1 = 43 -> 3"),
        (SUM, "medium", "15 + 27 = 42 ≡ 2 (mod 10)\n2 + 1 = 3"),
        (SUM, "long", "15 + 27 = 42, 42 mod 10 = 2; then 2 + 1 = 3, so 3 % 10 = 3"),
        (SUM, "short", "15 + 27 = 42 -> 2\n2 + 1 = 3 -> 3"),
        (SUM, "short", "1) 2\n2) 3"),
        (LISTOPS, "short", "MED(9, 4) = 6; SM(15, 27, 1) = 3; MAX(4, 6, 3) = 6"),
        (LISTOPS, "medium", "[MED 9 4 ] → 4, 9 → 6 SM: 1+27+15 = 43 = 3 MAX 3 4 6 = 6"),
        (LISTOPS, "medium", LISTOPS.explanations["long"]),
    ],
)
def test_derivations_that_people_write_are_right(example, level, text):
    verdict = TASKS[example.meta["task"]].verify(example, level, text)
    assert verdict.valid, verdict.reason
    assert verdict.other_wording
    assert not verdict.strict


@pytest.mark.parametrize(
    ("example", "level", "text", "step", "operator"),
    [
        # Uses a value that no step has given.
        (SUM, "medium", "15 + 27 = 42 -> 2\n3 + 1 = 4 -> 4", 2, "+"),
        (SUM, "medium", "2 + 1 = 3 -> 3\n15 + 27 = 42 -> 2", 1, "+"),
        # Uses a value twice.
        (SUM, "medium", "15 + 15 = 30 -> 0\n0 + 1 = 1 -> 1", 1, "+"),
        # Ends in what is not reduced, or contradicts itself.
        (SUM, "medium", "15 + 27 = 42 -> 2\n2 + 1 = 3 -> 3\n3 -> 4", 3, None),
        (SUM, "medium", "15 + 27 = 42\n42 + 1 = 43", 2, "+"),
        (SUM, "medium", "15 + 27 + 1 = 43 -> 3", 1, "+"),
        (SUM, "medium", "2\n3", 1, "+"),
        (SUM, "medium", "27 + 15 = 42 -> 2 (mod 9)\n2 + 1 = 3", 1, "+"),
        (SUM, "long", "Add 27 to 16: 15 + 27 = 42 -> 2\n2 + 1 = 3 -> 3", 1, "+"),
        # The outer operator before the inner one (blamed is the one that is due).
        (LISTOPS, "short", "MED 6\nMAX 6\nSM 3", 2, "SM"),
        (LISTOPS, "short", "SM 3\nMAX 6\nMED 6", 2, "MAX"),
        # Another operator, another word, less than the level asks for.
        (LISTOPS, "short", "SM 3\nMED 6\nMIN 3", 3, "MIN"),
        (LISTOPS, "long", "MED takes the largest of 9, 4, which is 9.", 1, "MED"),
        (LISTOPS, "medium", "MED 4, 9 -> 4, 9 -> 6\nSM 15, 27, 1 -> 3", 2, "SM"),
        (LISTOPS, "long", LISTOPS.explanations["medium"], 1, "MED"),
        (LISTOPS, "medium", "SM 1, 15, 27 -> sum 43 -> 3\nMED 9, 4 -> 6", 2, "MED"),
    ],
)
def test_what_is_wrong_is_wrong_at_its_step(example, level, text, step, operator):
    verdict = TASKS[example.meta["task"]].verify(example, level, text)
    assert (verdict.valid, verdict.step, verdict.operator) == (False, step, operator)
    assert verdict.reason


def test_a_text_of_another_order_is_blamed_for_its_own_fault():
    """The steps before it are right, though the training data have them elsewhere."""
    text = "SM 27, 15, 1 → sum 43 → 3\nMED 4, 9 → sorted 4, 9 → 6\nMAX 3, 6, 5 → 6"
    verdict = TASKS["listops"].verify(LISTOPS, "medium", text)
    assert (verdict.step, verdict.operator) == (3, "MAX")
    assert re.search(r"no MAX with these numbers .*MAX 3 , 6 , 5", verdict.reason)


@pytest.mark.parametrize("name", TASKS)
def test_long_garbage_is_judged_at_once(name):
    example = EXAMPLES[name][0]
    for garbage in ("MIN 3 , -> ", "9 + 9 = ", "a 3 + ", "= # ", "1. \n"):
        verdict = TASKS[name].verify(example, "long", garbage * 20_000)
        assert not verdict.valid


def test_many_steps_that_look_alike_are_judged_at_once():
    inner = " ".join(f"[MIN [MAX {n % 10} 9 ] 0 ]" for n in range(40))
    example = listops_example(parse(f"[SM {inner} ]"), 10, "x")
    lines = example.explanations["short"].split("\n")
    Random(5).shuffle(lines)
    ordered = sorted(lines, key=("MAX 9", "MIN 0", "SM 0").index)
    assert TASKS["listops"].verify(example, "short", "\n".join(ordered)).valid
    assert not TASKS["listops"].verify(example, "short", "\n".join(lines)).valid
