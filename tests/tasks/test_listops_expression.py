"""Evaluating ListOps problems."""

import pytest

from axolotl_explain.tasks.listops import LISTOPS, ListOpsOptions
from axolotl_explain.tasks.listops.expression import carry_out, depth


@pytest.mark.parametrize(
    ("problem", "answer"),
    [
        ("[SM 15 27 1 ]", 3),
        ("[MED 4 9 ]", 6),
        ("[MED 9 4 2 ]", 4),
        ("[MAX 4 [MIN 3 7 ] ]", 4),
        ("[MIN 29 [SM 9 1 ] ]", 0),
    ],
)
def test_worked_examples(problem, answer):
    assert carry_out(tuple(problem.split()), modulus=10)[-1].result == answer


@pytest.mark.parametrize("modulus", [2, 10, 31])
def test_steps_are_those_of_replacing_the_leftmost_innermost_list(brute, modulus):
    options = ListOpsOptions(max_value=29, modulus=modulus)
    for index in range(100):
        example = LISTOPS.problem(options, 1, "train", index, 0)
        steps = carry_out(tuple(example.input.split()), modulus)
        expected = brute(example.input, modulus)
        found = [(s.operator, " ".join(map(str, s.numbers)), s.result) for s in steps]
        assert found == expected
        assert example.answer == str(expected[-1][2])


def test_deep_nesting_meets_no_recursion_limit():
    tokens = ("[SM", "1") * 50_000 + ("1",) + ("]",) * 50_000
    assert carry_out(tokens, 10)[-1].result == 50_001 % 10
    assert depth(tokens) == 50_000
