"""Formats: targets as they read, what they refuse, where explanations are cut."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.errors import ExplainError
from axolotl_explain.formats import (
    LEVEL_REQUESTS,
    Segment,
    TargetFormat,
    shorter_explanations,
    with_request,
)
from axolotl_explain.levels import LEVELS

FIRST = TargetFormat()
LAST = TargetFormat(order="answer_first")
PROMPTED = "Name the genre.\nFinal answer:"

prose = st.lists(
    st.sampled_from([*"aB.!?\"'”)] \n\t。！」é", "One", "3.5", "i.e. ", "\n\n"])
).map("".join)
explanations = st.one_of(prose, st.text(st.characters(codec="utf-8"))).map(str.strip)


def text(segments: tuple[Segment, ...]) -> str:
    return "".join(segment.text for segment in segments)


def test_explanation_first_ends_in_the_answer_line() -> None:
    assert text(FIRST.target("7", "8 + 9 = 17.")) == "8 + 9 = 17.\nFinal answer: 7"


def test_answer_first_begins_with_the_answer_line() -> None:
    assert text(LAST.target("7", "8 + 9 = 17.")) == "Final answer: 7\n8 + 9 = 17."


@pytest.mark.parametrize("layout", [FIRST, LAST])
def test_without_an_explanation_the_answer_line_stands_alone(
    layout: TargetFormat,
) -> None:
    assert text(layout.target("7")) == "Final answer: 7"


@pytest.mark.parametrize("space", ["", " ", "\n", "\t"])
def test_a_marker_that_the_prompt_says_is_not_said_twice(space: str) -> None:
    target = text(FIRST.target("7", prompt=PROMPTED + space))
    assert target == ("7" if space else " 7")


def test_answer_first_after_the_marker_keeps_its_explanation() -> None:
    assert text(LAST.target("7", "Sum.", PROMPTED)) == " 7\nSum."


def test_an_explanation_after_the_marker_stands_on_lines_of_its_own() -> None:
    assert text(FIRST.target("7", "Sum.", PROMPTED)) == "\nSum.\nFinal answer: 7"
    own_line = text(FIRST.target("7", "Sum.", PROMPTED + "\n"))
    assert own_line == "Sum.\nFinal answer: 7"


def test_the_whole_target_is_in_the_loss() -> None:
    for layout in (FIRST, LAST):
        assert {part.weight for part in layout.target("7", "Sum.")} == {1.0}


@pytest.mark.parametrize("marker", ["", "  ", "Answer:\n", "a\nb"])
def test_a_marker_that_is_not_one_line_is_refused_with_an_example(marker: str) -> None:
    with pytest.raises(ExplainError) as caught:
        TargetFormat(marker=marker)
    message = str(caught.value)
    assert repr(marker) in message
    assert "must be one line of text, such as 'Final answer: '" in message


@pytest.mark.parametrize("answer", ["Final answer: 7", "6 or\n  Final answer:7"])
def test_an_answer_with_a_line_that_begins_with_the_marker_is_refused(
    answer: str,
) -> None:
    with pytest.raises(ExplainError) as caught:
        FIRST.target(answer)
    message = str(caught.value)
    assert message.startswith(f"answer: {answer!r} has a line that begins with")
    assert "set explain.answer_marker" in message


@pytest.mark.parametrize("explanation", ["Because.", ""])
def test_an_answer_of_several_lines_cannot_come_first(explanation: str) -> None:
    with pytest.raises(ExplainError) as caught:
        LAST.target("a\nb", explanation)
    message = str(caught.value)
    assert message.startswith(r"answer: 'a\nb' has several lines")
    assert "order: explanation_first" in message


def test_several_lines_straight_after_a_prompted_marker_are_refused() -> None:
    with pytest.raises(ExplainError) as caught:
        FIRST.target("a\nb", prompt=PROMPTED)
    message = str(caught.value)
    assert message.startswith(r"answer: 'a\nb' has several lines")
    assert "remove the marker from the end of the prompt" in message


def test_several_lines_are_fine_where_nothing_follows_them() -> None:
    assert text(FIRST.target("a\nb", "Because.")).endswith("Final answer: a\nb")


def test_a_request_is_a_line_below_the_instruction() -> None:
    asked = with_request("Name it.", "short", {"short": "Be brief."})
    assert asked == "Name it.\nBe brief."


@pytest.mark.parametrize("requests", [None, {}, {"short": ""}, {"long": "More."}])
def test_without_a_request_the_instruction_is_untouched(requests) -> None:
    assert with_request("Name it.", "short", requests) == "Name it."


def test_every_level_has_words_of_its_own() -> None:
    assert sorted(LEVEL_REQUESTS) == sorted(LEVELS)
    assert len({*LEVEL_REQUESTS.values()}) == len(LEVELS)


@given(explanations)
def test_shorter_explanations_are_ever_shorter_prefixes_down_to_none(
    explanation: str,
) -> None:
    cuts = [explanation, *shorter_explanations(explanation)]
    if not explanation:
        assert cuts == ["", ""]
        return
    assert cuts[-1] == ""
    for longer, shorter in pairwise(cuts):
        assert len(shorter) < len(longer)
        assert explanation.startswith(shorter)


@given(explanations)
def test_explanations_are_cut_at_ends_of_sentences_or_lines(explanation: str) -> None:
    for cut in list(shorter_explanations(explanation))[:-1]:
        rest = explanation[len(cut) :]
        at_line = "\n" in rest[: len(rest) - len(rest.lstrip())]
        at_sentence = re.sub(r"[\"'”’)\]」』）]+$", "", cut).endswith(
            tuple(".!?。！？")
        )
        assert at_line or at_sentence


@given(st.lists(st.sampled_from(["Go.", "So what?", "Line"]), min_size=1))
def test_each_line_of_sentences_is_a_place_to_cut(lines: list[str]) -> None:
    by_hand = ["\n".join(lines[:count]) for count in range(len(lines))]
    assert list(shorter_explanations("\n".join(lines))) == by_hand[::-1]


@pytest.mark.parametrize(
    ("explanation", "cuts"),
    [
        ('He said "Go." She left.', ['He said "Go."', ""]),
        ("The sum is 3.5 and 17.", [""]),
        ("One.\n\n \nTwo", ["One.", ""]),
        ("First line\n \nsecond", ["First line", ""]),
        ("警长来了。决斗结束。镇子安静！", ["警长来了。决斗结束。", "警长来了。", ""]),
        ("他说“走。”她走了", ["他说“走。”", ""]),
    ],
)
def test_cuts_of_some_texts_by_hand(explanation: str, cuts: list[str]) -> None:
    assert list(shorter_explanations(explanation)) == cuts
