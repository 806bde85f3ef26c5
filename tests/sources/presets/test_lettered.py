"""Ends of rationales that only name the letter are cut whole, and no other ends."""

from __future__ import annotations

import pytest

from axolotl_explain.sources.presets.lettered import without_answer

WORK = "8 + 9 = 17"


@pytest.mark.parametrize(
    "end",
    [
        "Answer: B",
        "ANS:B",
        "Answer choice B",
        "B is the answer",
        "Hence, answer will be B.",
        "The Answer is, B.",
        "ANSWER :(Option B)",
        "Answers: B",
        "**Answer: B**",
        "Therefore, the correct option is (b).",
        "Thus, B is correct.",
        "Option (B) is the right answer",
        "So we choose option B.",
        "The answer: B) 17.",
        "Answer ==> B",
        "(B)",
        "∴ B",
    ],
)
def test_a_last_line_that_only_names_the_letter_is_cut(end: str) -> None:
    assert without_answer(f"{WORK}\n{end}", "B", "17") == WORK


@pytest.mark.parametrize(
    "end",
    [
        "which means that the answer is B",
        "We see that the answer is B",
        "Answer choice A is too small, answer B",
        "Answer: C",
        "This gives us B",
        "Answer: B) 18",
        "Plan B is a good answer",
    ],
)
def test_an_end_that_says_more_or_another_letter_stays(end: str) -> None:
    assert without_answer(f"{WORK}\n{end}", "B", "17") == f"{WORK}\n{end}"


def test_an_end_is_cut_from_within_a_line() -> None:
    assert without_answer("5 + 7 = 12. Hence answer is C", "C") == "5 + 7 = 12."
    assert without_answer("so 12 km, correct option: c", "C") == "so 12 km"
