"""Where a completion ends for somebody who reads it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.answer_end import opening_of, until_answered
from axolotl_explain.core.target import TargetFormat

PLAIN = TargetFormat()
FIRST = TargetFormat(order="answer_first")
PROMPT = "### Instruction:\nAdd 3 and 4.\n\n### Response:\n"
THOUGHT = "<think>\nFinal answer: 9\nNo.</think>"
OPENING = "### Instruction:"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Final answer: 7\nQuestion: 8 + 9?\nFinal answer: 17", "Final answer: 7"),
        ("3 + 4 = 7\nFinal answer: 7\n\n\nSo:", "3 + 4 = 7\nFinal answer: 7"),
        ("Final answer:\n7\nand more", "Final answer:\n7"),
        ("Final answer: 7", "Final answer: 7"),
        ("The Final answer: 7\nis near.", "The Final answer: 7\nis near."),
        ("It is 7.\n### Instruction:\nAdd 8.\nIt is 9.", "It is 7."),
        ("\n### Instruction:\nAdd 3 and 4.", "\n### Instruction:\nAdd 3 and 4."),
        (f"{THOUGHT}\nFinal answer: 7\nx", f"{THOUGHT}\nFinal answer: 7"),
        ("<think>\nFinal answer: 9\nNo.", "<think>\nFinal answer: 9\nNo."),
        ("no answer\nat all", "no answer\nat all"),
        ("", ""),
    ],
)
def test_the_first_answer_line_ends_a_completion(text: str, kept: str) -> None:
    assert until_answered(text, PLAIN, PROMPT, OPENING) == kept


@pytest.mark.parametrize(
    ("prompt", "text", "kept"),
    [
        ("Q: 3 + 4?\nFinal answer:", " 7\nQ: 1 + 1?\nFinal answer: 2", " 7"),
        ("Q?\nFinal answer:", "\n3+4\nFinal answer: 7\nx", "\n3+4\nFinal answer: 7"),
        ("Q: 3 + 4?\nFinal answer:\n", "7\nmore", "7"),
    ],
)
def test_behind_a_prompt_that_ends_in_the_marker_the_first_line_answers(
    prompt: str, text: str, kept: str
) -> None:
    assert until_answered(text, PLAIN, prompt) == kept


def test_with_the_answer_first_a_second_answer_ends_it() -> None:
    text = "Final answer: 7\nSince 3 + 4 = 7.\nFinal answer: 9\n"
    assert until_answered(text, FIRST) == "Final answer: 7\nSince 3 + 4 = 7.\n"


def test_an_answer_of_several_lines_is_kept_whole() -> None:
    text = "Final answer: a\nb\nc"
    assert until_answered(text, PLAIN, lines=2) == "Final answer: a\nb"


@pytest.mark.parametrize(
    ("prompt", "question", "opening"),
    [
        (PROMPT, "Add 3 and 4.", OPENING),
        ("<s>Be kind.\n\nQ: What?\nA:", "What?", "Q:"),
        ("<|im_start|>user\nWhat?<|im_end|>", "What?", ""),
        ("What?\n", "What?", ""),
        ("What?", "", ""),
    ],
)
def test_another_question_would_begin_as_the_prompt_does(
    prompt: str, question: str, opening: str
) -> None:
    assert opening_of(prompt, question) == opening


@given(st.text(), st.text(), st.sampled_from([PLAIN, FIRST]))
def test_what_is_kept_is_the_beginning(
    text: str, prompt: str, layout: TargetFormat
) -> None:
    kept = until_answered(text, layout, prompt, OPENING)
    assert text.startswith(kept)
    assert until_answered(kept, layout, prompt, OPENING) == kept


def test_a_long_text_takes_no_longer_than_it_is() -> None:
    start = time.process_time()
    for unit in ("Final answer: ", "<think>\n", "Final answer:\n", "\n", "x "):
        until_answered(unit * (10**6 // len(unit)), PLAIN, PROMPT, OPENING)
    assert time.process_time() - start < 5
