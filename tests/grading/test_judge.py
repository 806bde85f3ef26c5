"""A completion is right where its last answer as a whole is gold."""

from __future__ import annotations

import pytest

from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.judge import judge


@pytest.mark.parametrize(
    ("text", "extracted", "right"),
    [
        ("8 + 9 = 17.\nFinal answer: 7", "7", True),
        ("8 + 9 = 17.\nFinal answer: 17", "17", False),
        ("Final answer: 27", "27", False),
        ("Final answer:   7  \n", "7", True),
        ("The answer is 7", None, False),
        ("Final answer: 7 apples", "7 apples", False),
        ("Final answer: 3\nNo.\nFinal answer: 7", "7", True),
    ],
)
def test_the_whole_last_answer_is_compared(
    text: str, extracted: str | None, right: bool
) -> None:
    judged = judge(text, Gold("7"), TargetFormat(), "8 + 9\n")
    assert (judged.extracted, judged.exact_match) == (extracted, right)
