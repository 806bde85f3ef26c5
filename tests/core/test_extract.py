"""Answers: what a target says can be read back, and shares come with an interval."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.target import Order, TargetFormat
from axolotl_explain.results.interval import wilson_interval

MARKERS = ["Final answer: ", "####", "(A|B)*$ ", "[answer]", "答案：", "\\d+.", " = ?"]
PIECES = ["x", "4", " ", "\n", "\r\n", "\t", "\u2028", "\x85", "é", "好", "\u0301", ":"]


def written(marker: str) -> st.SearchStrategy[str]:
    """Texts, among them such that talk about the marker."""
    pieces = st.sampled_from(
        [*PIECES, marker, marker.strip(), marker[:2], f"\n{marker}"]
    )
    return st.one_of(
        st.lists(pieces, max_size=8).map("".join),
        st.text(st.characters(codec="utf-8"), max_size=20),
    ).map(str.strip)


@given(st.data(), st.sampled_from(MARKERS), st.sampled_from(Order.__args__[:2]))
@settings(max_examples=400)
def test_every_target_that_is_written_gives_its_answer_back(
    data: st.DataObject, marker: str, order: Order
) -> None:
    layout = TargetFormat(order=order, marker=marker)
    answer = data.draw(written(marker).filter(bool))
    explanation = data.draw(written(marker))
    prompt = data.draw(written(marker)) + data.draw(
        st.sampled_from(["", "\n", marker, f"\n{marker}", f"\n{marker.strip()}\n"])
    )
    try:
        target = layout.target(answer, explanation, prompt)
    except ExplainError:
        assume(False)
    text = "".join(segment.text for segment in target)
    assert extract_answer(text, layout, prompt) == answer


def test_the_last_marker_counts_where_the_explanation_comes_first() -> None:
    text = "Final answer: 3, I thought.\nNo.\nFinal answer: 4"
    assert extract_answer(text, TargetFormat()) == "4"


def test_the_first_marker_counts_where_the_answer_comes_first() -> None:
    text = "Final answer: 4\nNot\nFinal answer: 3"
    assert extract_answer(text, TargetFormat(order="answer_first")) == "4"


def test_a_marker_inside_a_line_is_talk_about_it() -> None:
    text = "I will write Final answer: soon.\nFinal answer: 4"
    assert extract_answer(text, TargetFormat(order="answer_first")) == "4"
    assert extract_answer("See Final answer: 4", TargetFormat()) is None


@pytest.mark.parametrize("text", ["", " \n", "It is 4.", "Final answer:", "4\nFinal"])
@pytest.mark.parametrize("order", Order.__args__)
def test_a_completion_without_an_answer_gives_none(order: Order, text: str) -> None:
    assert extract_answer(text, TargetFormat(order=order)) is None


@pytest.mark.parametrize("text", [" 4", "4\nBecause.", "\n4 \n", "Final answer: 4"])
@pytest.mark.parametrize("order", Order.__args__)
def test_after_a_prompted_marker_the_first_line_answers(
    order: Order, text: str
) -> None:
    layout = TargetFormat(order=order)
    assert extract_answer(text, layout, "What?\nFinal answer: ") == "4"


def test_a_prompted_answer_is_not_taken_from_a_later_explanation() -> None:
    layout = TargetFormat(order="answer_first")
    text = " 4\nSome say:\nFinal answer: 3"
    assert extract_answer(text, layout, "What?\nFinal answer:") == "4"


def test_a_prompted_marker_gives_none_for_an_empty_completion() -> None:
    assert extract_answer(" \n ", TargetFormat(), "What?\nFinal answer:") is None


@pytest.mark.parametrize(
    ("extracted", "answer", "equal"),
    [
        ("13", "13", True),
        (" 13\n", "13", True),
        ("3", "13", False),
        ("1 3", "13", False),
        ("Western", "western", False),
        ("", "", True),
        (None, "", False),
    ],
)
def test_whole_answers_are_compared(extracted, answer: str, equal: bool) -> None:
    assert exact_match(extracted, answer) is equal


@pytest.mark.parametrize(
    ("successes", "trials"), [(0, 1), (1, 1), (0, 50), (50, 50), (7, 20), (999, 1_000)]
)
def test_an_interval_holds_the_shares_that_a_normal_test_does_not_reject(
    successes: int, trials: int
) -> None:
    low, high = wilson_interval(successes, trials)
    for step in range(1, 2_000):
        share = step / 2_000
        away = abs(successes / trials - share) / math.sqrt(share * (1 - share) / trials)
        if abs(away - 1.96) > 0.05:
            assert (low <= share <= high) == (away < 1.96)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_impossible_counts_have_no_interval(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} successes in {trials} trials"):
        wilson_interval(successes, trials)
