"""Flexible match, by a table of what counts as the same answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.boxed import last_boxed
from axolotl_explain.grading.choices import Choices
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.mathematics import math_same
from axolotl_explain.grading.numbers_in_text import as_number, last_number

COLOURS = ["red", "blue", "dark blue", "green"]
LETTERED = {"text": ["18", "72"], "label": ["A", "B"]}


def flexible(gold: str, completion: str, choices: Any = None) -> bool:
    extracted = extract_answer(completion, TargetFormat())
    return Gold.of(gold, choices).matches(completion, extracted)


@pytest.mark.parametrize(
    ("gold", "completion", "right"),
    [
        ("1000", "Final answer: 1,000", True),
        ("1,000", "Final answer: 1000.0", True),
        ("1000.0", "Final answer: 1000.", True),
        ("1000", "Final answer: 100", False),
        ("17", "Final answer: 7", False),
        ("7", "Final answer: 17", False),
        ("-7", "Final answer: −7", True),
        ("7", "Final answer: -7", False),
        ("5", "It is 3-5", False),
        ("18", "Final answer: $18.00", True),
        ("18", "Final answer: 18 dollars", True),
        ("50%", "Final answer: 50", True),
        ("50", "Final answer: 50 %", True),
        ("50%", "Final answer: 0.5", False),
        ("0.75", "Final answer: 3/4", True),
        ("100000", "Final answer: 1e5", True),
        ("7", "Final answer: 3 + 4 = 7", True),
        ("7", "Final answer: 7\nThat took 3 steps.", True),
        ("7", "The answer is 7. It took 3 steps.", True),
        ("7", "The answer is: **7**", True),
        ("7", "Answer: 7", True),
        ("7", "First I had 9, then 7.", True),
        ("7", "First I had 7, then 9.", False),
        ("7", "so \\boxed{7} and not 9", True),
        ("7", "\\boxed{9}, no, \\boxed{7}.", True),
        ("7", "Final answer: 9, though \\boxed{7}", True),
        ("7", "Final answer: unclear. The answer is 7.", True),
        ("7", "Final answer: 9\nThe answer is 7", False),
        ("7", "seven", False),
        ("7", "", False),
        ("western", "Final answer: Western.", True),
        ("western", "final: western", False),
        ("western", 'The answer is "Western".', True),
        ("western", "The answer is a western.", False),
        ("New  York", "Final answer: new york", True),
        ("yes", "The result is yes\nbut no", True),
    ],
)
def test_the_last_answer_that_can_be_read_is_compared(
    gold: str, completion: str, right: bool
) -> None:
    assert flexible(gold, completion) is right


@pytest.mark.parametrize(
    ("gold", "completion", "choices", "right"),
    [
        ("B", "Final answer: B", COLOURS, True),
        ("B", "Final answer: (b)", COLOURS, True),
        ("B", "Final answer: blue", COLOURS, True),
        ("blue", "Final answer: B", COLOURS, True),
        ("blue", "Final answer: dark blue", COLOURS, False),
        ("dark blue", "It is dark blue.", COLOURS, True),
        ("blue", "It is dark blue.", COLOURS, False),
        ("B", "I first thought A) red, but it is B) blue.", COLOURS, True),
        ("A", "A careful look says blue", COLOURS, False),
        ("A", "So it must be A", COLOURS, True),
        ("D", "The answer is D, since grass is green.", COLOURS, True),
        ("B", "Final answer: 72", LETTERED, True),
        ("B", "Final answer: 18", LETTERED, False),
        ("B", "Final answer: B) 72", ["A)18", "B)72"], True),
        ("72", "Final answer: B", {"A": "18", "B": "72"}, True),
        ("B", "no idea", COLOURS, False),
        ("7", "Final answer: 7.0", COLOURS, True),
    ],
)
def test_choices_count_by_letter_or_text(
    gold: str, completion: str, choices: Any, right: bool
) -> None:
    assert flexible(gold, completion, choices) is right


@pytest.mark.parametrize(
    "value", [None, 3, "red", [], {}, {"text": ["a"], "label": []}]
)
def test_what_is_no_list_of_choices_is_none(value: Any) -> None:
    assert Choices.of(value) is None


@given(st.text(), st.text(), st.sampled_from([None, COLOURS, LETTERED]))
def test_any_text_is_compared_without_an_error(
    gold: str, completion: str, choices: Any
) -> None:
    Gold.of(gold, choices).matches(completion, completion or None)
    last_number(completion)
    last_boxed(completion)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**9))
def test_a_number_is_read_as_what_it_is(number: Any) -> None:
    for text in (f"{number:f}", f"{number:,f}", f" ${number:,f}".replace("$-", "-")):
        assert as_number(text) == number


def test_endless_digits_are_no_number() -> None:
    assert as_number("9" * 5_000) is None
    assert as_number("1/0") is None


def test_math_verify_adds_what_algebra_says() -> None:
    extracted = "(x-1)(x+1)"
    assert not Gold.of("x^2-1").matches("", extracted)
    assert Gold.of("x^2-1", same=math_same()).matches("", extracted)
    assert not Gold.of("x^2-1", same=math_same()).matches("", "x^2+1")
    assert Gold.of("\\frac{1}{2}", same=math_same()).matches("", "0.5")


@pytest.mark.parametrize(
    ("gold", "completion", "right"),
    [
        ("Paris", "The answer is Paris. It is the capital.", True),
        ("Paris", "Final answer: Paris. It is the capital.", True),
        ("Paris", "Final answer: “Paris.” It is the capital.", True),
        ("Dr. Grieg", "The answer is Dr. Grieg. He wrote it.", True),
        ("Paris", "Final answer: Paris, Texas", False),
        ("Paris", "Final answer: Parish. It is small.", False),
        ("yes", "Final answer: yes and no. Both.", False),
    ],
)
def test_sentences_about_an_answer_are_no_part_of_it(
    gold: str, completion: str, right: bool
) -> None:
    extracted = completion.partition("Final answer: ")[2] or None
    assert Gold(gold).matches(completion, extracted) is right
