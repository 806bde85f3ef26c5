"""What is asked for a row, in which order, and what it has in the end."""

from __future__ import annotations

from typing import Any

from axolotl_explain.core.example import Example
from axolotl_explain.teacher.prompt_files import Messages
from axolotl_explain.teacher.row_questions import RowRules
from axolotl_explain.teacher.teacher_request import TeacherRequest
from tests.teacher.teaching import answered, rules, sum_of

ROW = Example.from_row(sum_of(4))  # 4 + 9 = 13
LONG = "Take 4 and 9. 4 + 9 = 13, so it is 13.\nFinal answer: 13"
OTHER = "Count on from 9: nine and four makes 13.\nFinal answer: 13"
MEDIUM = "4 + 9 = 13, which is it.\nFinal answer: 13"
SHORT = "4 + 9 = 13.\nFinal answer: 13"
WRONG = "4 + 9 = 14.\nFinal answer: 14"


def text(reply: str) -> str:
    return reply.rpartition("\n")[0]


def conversation(request: TeacherRequest) -> Messages:
    assert not isinstance(request.asked, str)
    return request.asked


def asked(
    by: RowRules, replies: list[Any], row: Example = ROW
) -> tuple[Any, list[str]]:
    result, requests = answered(row, by, replies)
    return result, [f"{one.ask} {one.level} {one.turn}" for one in requests]


def test_the_longest_is_explained_and_the_others_are_made_of_it() -> None:
    result, order = asked(rules(), [LONG, MEDIUM, SHORT])
    assert order == ["explain long 1", "shorten medium 1", "shorten short 1"]
    expected = {"long": text(LONG), "medium": text(MEDIUM), "short": text(SHORT)}
    assert result.explanations == [expected]
    assert (result.mode, result.finished, result.own) == ("sample", True, False)


def test_no_request_for_an_explanation_shows_the_answer() -> None:
    _, requests = answered(ROW, rules(), [WRONG, LONG, MEDIUM, SHORT])
    for request in requests[:2]:
        shown = " ".join(turn["content"] for turn in conversation(request))
        assert "13" not in shown
        assert "4 9" in shown
    assert text(LONG) in conversation(requests[2])[-1]["content"]


def test_it_is_asked_again_until_one_is_right() -> None:
    one_level = rules(levels=("long",))
    result, order = asked(one_level, [WRONG, WRONG, LONG])
    assert order == ["explain long 1", "explain long 2", "explain long 3"]
    assert result.explanations == [{"long": text(LONG)}]
    failed, order = asked(one_level, [WRONG] * 4)
    assert (failed.explanations, failed.mode, len(order)) == ([], None, 4)


def test_every_try_is_another_request() -> None:
    _, requests = answered(ROW, rules(levels=("long",)), [WRONG] * 4)
    assert len({one.key for one in requests}) == 4
    again, _ = answered(ROW, rules(levels=("long",)), [LONG])
    assert again.attempts[0].request.key == requests[0].key


def test_a_shortened_text_is_verified_by_itself_and_may_fail_alone() -> None:
    result, order = asked(rules(tries=2), [LONG, WRONG, LONG, SHORT])
    assert order[1:] == ["shorten medium 1", "shorten medium 2", "shorten short 1"]
    assert result.explanations == [{"long": text(LONG), "short": text(SHORT)}]
    reasons = [one.accepted.reason for one in result.attempts]
    assert reasons == [None, "wrong answer", "not shorter", None]


def test_short_has_to_be_shorter_than_medium() -> None:
    result, _ = asked(rules(tries=1), [LONG, SHORT, MEDIUM])
    assert result.explanations == [{"long": text(LONG), "medium": text(SHORT)}]


def test_several_are_kept_if_they_differ() -> None:
    by = rules(levels=("long",), keep=2)
    result, order = asked(
        by, [LONG, LONG.upper().replace("FINAL ANSWER", "Final answer"), OTHER]
    )
    assert [one["long"] for one in result.explanations] == [text(LONG), text(OTHER)]
    assert result.attempts[1].accepted.reason == "repeated"
    assert len(order) == 3


def test_agreement_is_asked_for_and_given_up_as_soon_as_it_cannot_be() -> None:
    by = rules(levels=("long",), tries=3, agree=2)
    agreed, order = asked(by, [LONG, WRONG, LONG])
    assert (agreed.explanations, len(order)) == ([{"long": text(LONG)}], 3)
    _, order = asked(by, [LONG, LONG])
    assert len(order) == 2
    never, order = asked(by, [WRONG, WRONG])
    assert (never.explanations, len(order)) == ([], 2)
    alone, _ = asked(by, [LONG, WRONG, WRONG])
    assert (alone.explanations, alone.agreed) == ([], False)


def test_a_hint_comes_after_every_blind_try_and_is_marked() -> None:
    by = rules(levels=("long",), tries=2, hint=True)
    betrayed = "The given answer is 13.\nFinal answer: 13"
    result, order = asked(by, [WRONG, WRONG, betrayed, LONG])
    assert order[2:] == ["hint long 1", "hint long 2"]
    assert (result.mode, result.explanations) == ("hint", [{"long": text(LONG)}])
    assert result.attempts[2].accepted.reason == "betrays the hint"
    _, requests = answered(ROW, by, [WRONG, WRONG, LONG])
    assert "The answer is: 13" in conversation(requests[2])[-1]["content"]


def test_a_row_keeps_what_it_has() -> None:
    all_levels = {"short": "a", "medium": "b", "long": "c"}
    own = Example.from_row(sum_of(4, explanations=all_levels))
    assert asked(rules(), [], own)[0].own
    long = Example.from_row(sum_of(4, explanations={"long": text(LONG)}))
    result, order = asked(rules(), [MEDIUM, SHORT], long)
    assert order == ["shorten medium 1", "shorten short 1"]
    assert result.mode is None
    assert result.explanations[0]["long"] == text(LONG)
    _, order = asked(rules(replace=True), [LONG, MEDIUM, SHORT], own)
    assert order[0] == "explain long 1"


def test_the_longest_of_the_wanted_levels_is_asked_for_first() -> None:
    result, order = asked(rules(levels=("short",)), [SHORT])
    assert order == ["explain short 1"]
    assert result.explanations == [{"short": text(SHORT)}]


def test_what_cannot_be_answered_now_leaves_the_row_unfinished() -> None:
    nothing, _ = asked(rules(), [None])
    assert (nothing.explanations, nothing.finished) == ([], False)
    part, order = asked(rules(), [LONG, None, None])
    assert part.explanations == [{"long": text(LONG)}]
    assert not part.finished
    no_hint, order = asked(rules(hint=True), [None])
    assert order == ["explain long 1"]
    assert not no_hint.finished
