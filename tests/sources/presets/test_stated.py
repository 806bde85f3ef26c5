"""Answers that prose states: the answer is told apart from the sentences about it."""

from __future__ import annotations

import pytest

from axolotl_explain.core.errors import BadRow
from axolotl_explain.sources.presets.open_orca import split_response
from axolotl_explain.sources.presets.stated import stated_answer

SENTENCES = [
    ("The answer is Oslo. It lies by a fjord.", "Oslo"),
    ("The answer is “Oslo.” It lies by a fjord.", "Oslo"),
    ("So, the final answer is: *Oslo*", "Oslo"),
    ("Factual Answer: 1886.", "1886"),
    ("The answer is Dr. Grieg. He wrote it.", "Dr. Grieg"),
    ("The answer is J. K. Rowling.", "J. K. Rowling"),
    ("The answer is the U.S. It signed last.", "the U.S"),
    ("The answer is no. Ice melts.", "no"),
    ("The answer is No. 5. It won.", "No. 5"),
    ("The answer is 3.50, because 7 / 2 = 3.50.", "3.50"),
    ("The right answer to the riddle is a map.", "a map"),
    ("I believe the answer is 12 owls.", "12 owls"),
    ("答案。The answer is 北京。它是首都。", "北京"),
]


@pytest.mark.parametrize(("text", "answer"), SENTENCES)
def test_an_answer_ends_with_its_sentence(text: str, answer: str) -> None:
    said = stated_answer(text)
    assert said is not None
    assert said.answer == answer


@pytest.mark.parametrize(
    "text",
    [
        "The justification behind this answer is that the tone is cold.",
        "The reason for the answer is the weather.",
        "The answer is not clear.",
        "The answer is that nobody knows.",
        "Nobody answered.",
    ],
)
def test_what_is_said_about_an_answer_is_no_answer(text: str) -> None:
    assert stated_answer(text) is None


def test_what_stands_around_the_statement_explains_it() -> None:
    text = 'Oslo is too far north.\n\nThe answer is "B". So we pick the other one.'
    expected = "Oslo is too far north.\nSo we pick the other one."
    assert split_response(text) == (expected, "B")


def test_a_sentence_that_an_answer_only_ends_is_not_cut_in_half() -> None:
    text = "Three and four.\n\nAdding them, the answer is 7."
    assert split_response(text) == (text, "7")


def test_a_response_of_lines_without_an_answer_is_skipped() -> None:
    with pytest.raises(BadRow, match="does not say which part"):
        split_response("Bad.\n\nThe reason behind the answer is that it is cold.")
