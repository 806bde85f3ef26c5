"""A reply is kept if it is right, and each other one has its reason."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.core.same_text import same_form
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.tasks.modular_sum import as_example
from axolotl_explain.teacher.acceptance import Reason, Wanted
from axolotl_explain.teacher.acceptance import accept as accept_completion
from axolotl_explain.teacher.prompt_files import load_prompts

SUM = Example("Add the numbers.", "12", "5 7")
RIGHT = "5 + 7 = 12.\nFinal answer: 12"
PROMPTS = load_prompts(None)


def accept(
    reply: ServerReply | str | None, example: Example = SUM, **wanted: Any
) -> Any:
    """What becomes of a reply, or of a text that ended by itself."""
    found = ServerReply(reply, finish="stop") if isinstance(reply, str) else reply
    completion = PROMPTS.completion(found) if found else ""
    asked = Wanted("long", **wanted)
    return accept_completion(completion, found, example, asked, PROMPTS.layout)


def test_a_right_explanation_is_kept_without_its_answer_line() -> None:
    found = accept(RIGHT)
    assert (found.kept, found.explanation) == (True, "5 + 7 = 12.")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("12", "12.0"),
        ("12", "**12**"),
        ("1000", "1,000"),
        ("western", "Western."),
        ("no", "No"),
        ("12", "12 apples"),
    ],
)
def test_answers_are_compared_for_what_they_mean(answer: str, said: str) -> None:
    example = Example("How many?", answer)
    assert accept(f"That is so.\nFinal answer: {said}", example).kept


def test_a_choice_may_be_named_by_its_letter_or_its_text() -> None:
    example = Example("Which?", "B", meta={"choices": ["red", "blue"]})
    assert accept("The sky decides.\nFinal answer: blue", example).kept
    assert accept("The sky decides.\nFinal answer: (B)", example).kept
    assert not accept("The sky decides.\nFinal answer: red", example).kept


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (None, Reason.MALFORMED),
        (ServerReply(RIGHT, finish="length"), Reason.CUT_OFF),
        (ServerReply("", finish="length", thought="5 and"), Reason.CUT_OFF),
        (ServerReply("", finish="stop"), Reason.EMPTY),
        (ServerReply(" \n", finish="stop"), Reason.EMPTY),
        (ServerReply("", thought="5 + 7 = 12", finish="stop"), Reason.THINKING_ALONE),
        (ServerReply("<think>5 + 7</think>\n"), Reason.THINKING_ALONE),
        (ServerReply("<think>5 + 7 = 12\nFinal answer: 12"), Reason.THINKING_ALONE),
        (ServerReply("", refusal="I will not."), Reason.REFUSAL),
        (ServerReply("5 +", finish="content_filter"), Reason.REFUSAL),
        ("I'm sorry, but I cannot help with that.", Reason.REFUSAL),
        ("I can’t assist with this request.", Reason.REFUSAL),
        ("5 + 7 = 12.", Reason.NO_ANSWER),
        ("5 + 7 = 12.\nFinal answer:", Reason.NO_ANSWER),
        ("5 + 7 = 13.\nFinal answer: 13", Reason.WRONG),
        ("Final answer: 12", Reason.NO_EXPLANATION),
        ("N/A\nFinal answer: 12", Reason.NO_EXPLANATION),
        ("Final answer: 11\nNo.\nFinal answer: 12", Reason.LINE_WITHIN),
        ("So the answer is 13.\nFinal answer: 12", Reason.SAYS_ANOTHER),
        ("So \\boxed{13}.\nFinal answer: 12", Reason.SAYS_ANOTHER),
        ("5 + 7 \ud800 = 12.\nFinal answer: 12", Reason.DAMAGED),
    ],
)
def test_each_other_reply_has_its_reason(
    reply: ServerReply | str | None, reason: Reason
) -> None:
    assert accept(reply).reason is reason


def test_thoughts_beside_a_text_do_not_count() -> None:
    apart = ServerReply(RIGHT, thought="Final answer: 99", finish="stop")
    within = ServerReply(f"<think>Final answer: 99</think>\n{RIGHT}", finish="stop")
    for reply in (apart, within):
        assert accept(reply).explanation == "5 + 7 = 12."


def test_what_is_shortened_has_to_be_shorter() -> None:
    assert accept(RIGHT, shorter_than="5 + 7 = 12.").reason is Reason.NOT_SHORTER
    assert accept(RIGHT, shorter_than="5 + 7 = 12. So.").kept


def test_a_text_that_is_kept_already_is_kept_once() -> None:
    others = (same_form("5 + 7  =  12."),)
    assert accept(RIGHT, others=others).reason is Reason.REPEATED


def test_a_hint_that_shows_is_rejected_and_only_where_one_was_given() -> None:
    text = "It has to be 12, as the given answer says.\nFinal answer: 12"
    assert accept(text, hinted=True).reason is Reason.BETRAYS
    assert accept(text).kept
    assert accept(RIGHT, hinted=True).kept


def test_steps_of_generated_problems_can_be_verified() -> None:
    example = as_example([15, 27, 1], 10, "x")
    right = example.explanations["long"]
    good = f"{right}\nFinal answer: {example.answer}"
    lucky = f"I guess.\nFinal answer: {example.answer}"
    assert accept(good, example, verified=True).kept
    assert accept(lucky, example, verified=True).reason is Reason.WRONG_STEP
    assert accept(lucky, example).kept


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} {% raw %}",
        "\u202egnitirw\u202c \u2066x\u2069 \x1b[31mred",
        "a" * 1_000_000,
        "word " * 200_000,
        "<b>" * 100_000,
        "the answer " * 50_000,
        "- \n" * 200_000,
    ],
)
@pytest.mark.timeout(20)
def test_hostile_texts_are_texts(text: str) -> None:
    found = accept(f"{text}\n5 + 7 = 12.\nFinal answer: 12")
    assert found.kept
    assert found.explanation == f"{text}\n5 + 7 = 12.".strip()
