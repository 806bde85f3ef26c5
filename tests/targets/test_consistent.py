"""Consistent: what an explanation arrives at, and whether it is the stored answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.example import Example
from axolotl_explain.targets.consistent import arrives

MARKER = "Final answer: "
PETS = {"choices": ["a cat", "a dog", "a cow"]}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("48 + 24 = 72 clips.", True),
        ("That is 1 + 1.\nFinal answer: 72", True),
        ("It is 72.\nFinal answer: 71", False),
        ("48 + 24 is 71.\n#### 72.0", True),
        ("First 72.\n#### 71\nNow 72.", False),
        ("So \\boxed{72} and not 71.", True),
        ("The answer is 72. Not 71.", True),
        ("It takes 144/2 = 72 hours for 5 of them.", True),
        ("It takes 144/2 = 71 hours for 5 of them.", False),
        ("It takes 144/2 = 72 hours, then 1 + 1 = 2 more.", False),
        ("#### 71\nNo, it is\n#### 72", True),
        ("#### 72\nNo, it is\n#### 71", False),
        ("A sheriff rides into town.", None),
    ],
)
def test_a_number_is_looked_for_where_it_is_stated_and_else_last(
    text: str, verdict: bool | None
) -> None:
    assert arrives(Example("How many?", "72"), text, MARKER) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("It barks, so it is a dog.", True),
        ("A cow moos, and a dog barks. Correct answer - (B)", True),
        ("It moos: a cow.", False),
        ("It has four legs.", None),
    ],
)
def test_a_choice_is_the_last_that_is_named(text: str, verdict: bool | None) -> None:
    assert arrives(Example("Which?", "B", meta=PETS), text, MARKER) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("A sheriff, a saloon.", None),
        ("The answer is Western.", True),
        ("The answer is drama.", False),
    ],
)
def test_other_texts_are_compared_where_they_are_stated(
    text: str, verdict: bool | None
) -> None:
    assert arrives(Example("Genre?", "western"), text, MARKER) is verdict


@given(st.integers(0, 999), st.integers(0, 999))
def test_only_the_right_sum_arrives(left: int, wrong: int) -> None:
    example = Example("Add.", str(left + 7))
    assert arrives(example, f"{left} plus 7 makes {left + 7}.", MARKER) is True
    assert arrives(example, f"It makes {wrong}.", MARKER) is (wrong == left + 7)


def test_the_marker_of_the_recipe_states_the_answer() -> None:
    example, text = Example("Genre?", "western"), "A sheriff.\nGenre: drama"
    assert arrives(example, text, "Genre: ") is False
    assert arrives(example, text, MARKER) is None
