"""Thoughts are told apart from what is said, whoever opened them."""

from __future__ import annotations

import pytest

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.reply import explanation_of
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.thoughts import (
    TAGS,
    closing_of,
    has_tags,
    opening_at_end,
    split_thoughts,
)
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.judge import judge

LAYOUT = TargetFormat()
ANSWER = "Final answer: 7"
ANALYSIS = "<|channel|>analysis<|message|>"
FINAL = "<|end|><|start|>assistant<|channel|>final<|message|>"


@pytest.mark.parametrize(("opening", "closing"), TAGS.items())
def test_an_answer_in_thoughts_that_do_not_end_is_none(
    opening: str, closing: str
) -> None:
    assert extract_answer(f"{opening}3, then 4.\n{ANSWER}", LAYOUT) is None
    cut_off = f"{opening}3, then 4.\n{ANSWER}\nWait, "
    assert extract_answer(cut_off, LAYOUT) is None
    whole = f"{opening}Is it 8?\nFinal answer: 8\n{closing}\n\n{ANSWER}"
    assert extract_answer(whole, LAYOUT) == "7"


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("<Think>", "</Think>"), ("<THINK>", "</think>"), ("<think >", "</think\n>")],
)
def test_capitals_and_spaces_make_no_other_tag(opening: str, closing: str) -> None:
    text = f"{opening}Is it 8?{closing}7"
    assert split_thoughts(text)[:2] == ("Is it 8?", "7")
    assert has_tags(text)
    assert not split_thoughts(f"{opening}Is it 8?").closed


@pytest.mark.parametrize(
    "text", ["I think > 3.", "a[think] = 3", "<thinker>", "x < 3, I thought"]
)
def test_words_alone_are_no_tag(text: str) -> None:
    assert split_thoughts(text)[:2] == ("", text)
    assert not has_tags(text)


def test_what_closes_other_capitals_has_them_too() -> None:
    assert closing_of("<Think>\n") == "\n</Think>\n\n"


def test_thoughts_that_the_prompt_opens_count_as_such() -> None:
    prompt = "<|Assistant|><think>\n"
    assert extract_answer(f"3, then 4.\n{ANSWER}", LAYOUT, prompt) is None
    assert extract_answer(f"3.\n</think>\n\n{ANSWER}", LAYOUT, prompt) == "7"
    # The model opens them once more, as it often does.
    assert extract_answer(f"<think>\n3.\n</think>\n{ANSWER}", LAYOUT, prompt) == "7"


def test_neither_match_looks_into_thoughts() -> None:
    gold = Gold("7")
    unfinished = judge(f"<think>It is 7.\n{ANSWER}", gold, LAYOUT, "")
    assert unfinished == (None, False, False)
    changed = judge("<think>Is it 7?</think>The answer is 8.", gold, LAYOUT, "")
    assert changed == (None, False, False)


def test_an_answer_before_the_thoughts_is_read_where_it_comes_first() -> None:
    first = TargetFormat(order="answer_first")
    assert extract_answer(f"{ANSWER}\n<think>3, then 4.</think>", first) == "7"
    assert extract_answer(f"{ANSWER}\n<think>3, then", first) == "7"


def test_a_tag_that_is_only_mentioned_opens_nothing() -> None:
    assert extract_answer(f"It writes <think> first.\n{ANSWER}", LAYOUT) == "7"


def test_thoughts_are_the_explanation_without_their_tags() -> None:
    completion = f"3, then 4.\n</think>\n\n{ANSWER}"
    assert explanation_of(completion, LAYOUT, "<think>\n") == "3, then 4."
    assert explanation_of(f"<think>3, then 4.</think>{ANSWER}", LAYOUT) == "3, then 4."


@pytest.mark.parametrize(
    ("text", "thought", "said"),
    [
        (f"{ANALYSIS}3, then 4.{FINAL}7", "3, then 4.", "7"),
        (f"<|start|>assistant{ANALYSIS}3.{FINAL}7", "3.", "7"),
        ("<|channel|>final<|message|>7", "", "7"),
        (f"{ANALYSIS}3.\n<|channel|>final<|message|>7", "3.", "7"),
    ],
)
def test_channels_are_thoughts_and_what_is_said(
    text: str, thought: str, said: str
) -> None:
    assert split_thoughts(text) == (thought, said, True, True)
    assert has_tags(text)


def test_an_answer_in_the_channel_of_thoughts_is_none() -> None:
    assert extract_answer(f"{ANALYSIS}3.\n{ANSWER}", LAYOUT) is None
    assert extract_answer(f"{ANALYSIS}3.{FINAL}{ANSWER}", LAYOUT) == "7"
    assert not has_tags("The channel is final; its message is 7.")


def test_an_answer_with_tags_is_refused() -> None:
    with pytest.raises(BadRow) as caught:
        LAYOUT.target("<think>\n\n</think>\n\n6")
    assert caught.value.reason == "answer holds the tags of thoughts"


def test_what_closes_thoughts_mirrors_what_opened_them() -> None:
    assert closing_of("<think>\n") == "\n</think>\n\n"
    assert closing_of("<think>") == "</think>"
    assert closing_of("[THINK]") == "[/THINK]"
    assert opening_at_end("Say <think> or not?") == ""


def test_answers_are_compared_in_one_normal_form() -> None:
    one, two = "Op\u00e9ra", "Ope\u0301ra"
    assert exact_match(one, two)
    assert exact_match(two, one)
    assert judge(f"Final answer: {one}", Gold(two), LAYOUT, "").exact_match
    assert judge(f"The answer is {one.lower()}.", Gold(two), LAYOUT, "").flexible_match
    assert not exact_match("\uff17", "7")
    assert not exact_match("Opera", two)
