"""Sentences: where explanations are cut, and the parts that make them up."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.sentences import cuts, split_sentences

prose = st.lists(
    st.sampled_from([*"aB.!?\"'”)] \n\t。！」é", "One", "3.5", "i.e. ", "\n\n"])
).map("".join)
explanations = st.one_of(prose, st.text(st.characters(codec="utf-8"))).map(str.strip)


def shorter_explanations(explanation: str) -> list[str]:
    return [explanation[:length] for length in cuts(explanation)]


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
    for cut in shorter_explanations(explanation)[:-1]:
        rest = explanation[len(cut) :]
        at_line = "\n" in rest[: len(rest) - len(rest.lstrip())]
        at_sentence = re.sub(r"[\"'”’)\]」』）]+$", "", cut).endswith(
            tuple(".!?。！？")
        )
        assert at_line or at_sentence


@given(st.lists(st.sampled_from(["Go.", "So what?", "Line"]), min_size=1))
def test_each_line_of_sentences_is_a_place_to_cut(lines: list[str]) -> None:
    by_hand = ["\n".join(lines[:count]) for count in range(len(lines))]
    assert shorter_explanations("\n".join(lines)) == by_hand[::-1]


@pytest.mark.parametrize(
    ("explanation", "cuts"),
    [
        ('He said "Go." She left.', ['He said "Go."', ""]),
        ("The sum is 3.5 and 17.", [""]),
        ("One.\n\n \nTwo", ["One.", ""]),
        ("First line\n \nsecond", ["First line", ""]),
        ("警长来了。决斗结束。镇子安静！", ["警长来了。决斗结束。", "警长来了。", ""]),
        ("他说“走。”她走了", ["他说“走。”", ""]),
        ("1. Add 3.\n 2. It is 7.", ["1. Add 3.", ""]),
        ("a. One. So 7.\nStep 2. Two", ["a. One. So 7.", "a. One.", ""]),
        ("Take e.g. 3.5 of it. Dr. No adds 1.", ["Take e.g. 3.5 of it.", ""]),
        ("So it is 12. Then 13.", ["So it is 12.", ""]),
        ("She has 5. He has 6.", ["She has 5.", ""]),
    ],
)
def test_cuts_of_some_texts_by_hand(explanation: str, cuts: list[str]) -> None:
    assert shorter_explanations(explanation) == cuts


@given(explanations)
def test_the_sentences_of_a_text_make_it_up(explanation: str) -> None:
    parts = split_sentences(explanation)
    assert "".join(text + space for text, space in parts) == explanation
    assert all(not space.strip() for _, space in parts)


@given(explanations)
def test_sentences_end_where_explanations_may_be_cut(explanation: str) -> None:
    parts = split_sentences(explanation)
    joined = [
        "".join(text + space for text, space in parts[:count]).rstrip()
        for count in range(len(parts))
    ]
    if explanation:
        assert joined[::-1] == shorter_explanations(explanation)
