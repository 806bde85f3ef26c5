"""Formats: targets as they read, what they refuse, where explanations are cut."""

from __future__ import annotations

import random
import re

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.target import (
    LEVEL_REQUESTS,
    Kind,
    Segment,
    TargetFormat,
    marker_lines,
    with_request,
)

FIRST = TargetFormat()
LAST = TargetFormat(order="answer_first")
APART = TargetFormat(order="multitask")
PROMPTED = "Name the genre.\nFinal answer:"


def text(segments: tuple[Segment, ...]) -> str:
    return "".join(segment.text for segment in segments)


def test_explanation_first_ends_in_the_answer_line() -> None:
    assert text(FIRST.target("7", "8 + 9 = 17.")) == "8 + 9 = 17.\nFinal answer: 7"


def test_answer_first_begins_with_the_answer_line() -> None:
    assert text(LAST.target("7", "8 + 9 = 17.")) == "Final answer: 7\n8 + 9 = 17."


def test_multitask_is_the_explanation_alone_or_the_answer_line_alone() -> None:
    assert text(APART.target("7", "8 + 9 = 17.")) == "8 + 9 = 17."
    assert text(APART.target("7")) == "Final answer: 7"


def test_only_an_explanation_by_itself_has_no_answer_in_it() -> None:
    for layout in (FIRST, LAST, APART):
        assert layout.has_answer("")
        assert layout.has_answer("8 + 9 = 17.") == (layout is not APART)


@pytest.mark.parametrize("layout", [FIRST, LAST, APART])
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


def test_each_part_of_a_target_has_its_kind() -> None:
    E, M, A = Kind.EXPLANATION, Kind.MARKER, Kind.ANSWER
    assert FIRST.target("7", "Sum.") == (("Sum.", E), ("\nFinal answer: ", M), ("7", A))
    assert LAST.target("7", "Sum.") == (
        ("Final answer: ", M),
        ("7", A),
        ("\n", M),
        ("Sum.", E),
    )
    assert APART.target("7", "Sum.") == (("Sum.", E),)
    assert FIRST.target("7", prompt=PROMPTED) == ((" ", M), ("7", A))


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
    prompted = text(FIRST.target("a\nb", "Because.", PROMPTED))
    assert prompted == "\nBecause.\nFinal answer: a\nb"


def test_a_request_is_a_line_below_the_instruction() -> None:
    asked = with_request("Name it.", "short", {"short": "Be brief."})
    assert asked == "Name it.\nBe brief."


@pytest.mark.parametrize("requests", [{}, {"short": ""}, {"long": "More."}])
def test_without_a_request_the_instruction_is_untouched(requests) -> None:
    assert with_request("Name it.", "short", requests) == "Name it."


def test_every_level_has_words_of_its_own() -> None:
    assert sorted(LEVEL_REQUESTS) == sorted(LEVELS)
    assert len({*LEVEL_REQUESTS.values()}) == len(LEVELS)


@pytest.mark.parametrize("marker", ["Answer: ", "*", "a "])
def test_lines_of_the_marker_are_those_that_a_search_line_by_line_finds(
    marker: str,
) -> None:
    draw = random.Random(0)
    pieces = [marker, marker.strip(), "\n", "\r", " ", "\t", "a", "\u2028", "x"]
    pattern = rf"(?m)^[^\S\n]*{re.escape(marker.strip())}[^\S\n]*"
    texts = ["".join(draw.choices(pieces, k=12)) for _ in range(2_000)]
    expected = [[one.span() for one in re.finditer(pattern, text)] for text in texts]
    assert sum(map(bool, expected)) > 500
    found = [[one.span() for one in marker_lines(text, marker)] for text in texts]
    assert found == expected
