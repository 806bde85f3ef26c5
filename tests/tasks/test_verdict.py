"""Holding a text against sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.tasks.sentence import Piece, Sentence, write
from axolotl_explain.tasks.verdict import Verdict, compare

SENTENCES = [
    Sentence("MIN", (Piece("MIN "), Piece("3, 7", "MIN acts on 3, 7"), Piece(" -> 3"))),
    Sentence("MAX", (Piece("MAX "), Piece("3", "the result is 3"), Piece("."))),
]


def test_the_text_of_the_sentences_is_right():
    assert compare(write(SENTENCES), SENTENCES) == Verdict(True)


@pytest.mark.parametrize(
    "text", ["MIN 3,7->3 MAX 3 .", " MIN 3, 7\t-> 3\r\n\n MAX 3.\n"]
)
def test_white_space_does_not_count(text):
    assert compare(text, SENTENCES).valid


@pytest.mark.parametrize(
    ("text", "step", "operator", "reason"),
    [
        (
            "MIN 3, 8 -> 3\nMAX 3.",
            1,
            "MIN",
            "step 1 (MIN): MIN acts on 3, 7; the text has 3, 8",
        ),
        (
            "MIN 3, 7 -> 3\nMAX 4.",
            2,
            "MAX",
            "step 2 (MAX): the result is 3; the text has 4",
        ),
        (
            "MIN 3, 7 = 3\nMAX 3.",
            1,
            "MIN",
            "step 1 (MIN): MIN acts on 3, 7; the text has 3, 7 = 3",
        ),
        (
            "MIN 3, 7 -> 4\nMAX 3.",
            1,
            "MIN",
            "step 1 (MIN): '-> 3' should stand here; the text has -> 4",
        ),
        ("MIN 3, 7 -> 3", 2, "MAX", "step 2 (MAX) is missing: 'MAX 3.'"),
        (
            "MIN 3, 7 -> 3 MAX",
            2,
            "MAX",
            "step 2 (MAX): the result is 3; the text ends before that",
        ),
        (
            "MIN 3, 7 -> 3 MAX 3. So",
            3,
            None,
            "after the last of 2 steps the text goes on: 'So'",
        ),
        ("", 1, "MIN", "step 1 (MIN) is missing: 'MIN 3, 7 -> 3'"),
    ],
)
def test_the_reason_names_the_step_what_is_true_and_what_the_text_has(
    text, step, operator, reason
):
    assert compare(text, SENTENCES) == Verdict(False, step, operator, reason)


def test_digits_do_not_flow_together():
    assert not compare("MIN 3, 7 -> 3\nMAX3.", [SENTENCES[1]]).valid
    assert not compare("MAX 3 3.", [SENTENCES[1]]).valid
    assert not compare("MAX 33.", [SENTENCES[1]]).valid


@given(st.text())
def test_no_text_raises(text):
    assert not compare(text + "x", SENTENCES).valid


def test_a_long_garbage_text_is_judged_at_once():
    assert compare("MIN 3, 7 -> 3 MAX " + "3 , -> " * 100_000, SENTENCES).step == 2
