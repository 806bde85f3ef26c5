"""What refuses and what betrays a hint is told from explanations that do neither."""

from __future__ import annotations

import pytest

from axolotl_explain.teacher.phrases import betrays_hint, is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot provide an answer to this question.",
        "Sorry, I am unable to assist you here.",
        "As an AI language model I have no opinion.",
        "That would be against my guidelines.",
        "I must decline to answer.",
    ],
)
def test_refusals(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "5 + 7 = 12",
        "She says that she cannot come, so four remain.",
        "The key cannot open the door.",
        "x " * 300 + "I can't help with that.",
    ],
)
def test_explanations_are_no_refusals(text: str) -> None:
    assert not is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "It is B, which matches the answer.",
        "The correct answer is 7, so we work backwards.",
        "Since the answer is 7, there must be four apples.",
        "As the answer given is 7, the rest follows.",
        "We are told that the answer is 7.",
        "To arrive at the answer 7, add 3 and 4.",
        "This agrees with the expected result.",
        "The hint says 7.",
    ],
)
def test_texts_that_knew_the_answer(text: str) -> None:
    assert betrays_hint(text)


@pytest.mark.parametrize(
    "text",
    [
        "3 + 4 = 7, so the answer is 7.",
        "The given numbers are 3 and 4.",
        "Since 3 is given, add 4 to it.",
        "That is right: the result of the sum is 7.",
    ],
)
def test_texts_that_work_it_out(text: str) -> None:
    assert not betrays_hint(text)
