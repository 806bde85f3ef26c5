"""A target is cut into its parts by what the strategy writes around them."""

from __future__ import annotations

import pytest

from axolotl_explain.inspection.frames import Frame, Part

FIRST = Frame(("<think>", "</think>\nFinal: ", "<end>"), ("explanation", "answer"))
LAST = Frame(("Final: ", "\n", "<end>"), ("answer", "explanation"))
ALONE = Frame(("Final: ", "<end>"), ("answer",))


def cut(frame: Frame, target: str) -> list[tuple[Part, str]] | None:
    found = frame.match(target)
    if found is None:
        return None
    return [(part, target[start:end]) for part, start, end in found]


def test_both_parts_and_what_stands_around_them() -> None:
    assert cut(FIRST, "<think>2 + 2.</think>\nFinal: 4<end>") == [
        ("marker", "<think>"),
        ("explanation", "2 + 2."),
        ("marker", "</think>\nFinal: "),
        ("answer", "4"),
        ("end", "<end>"),
    ]


def test_an_explanation_may_hold_what_stands_behind_it() -> None:
    found = cut(FIRST, "<think>no</think>\nFinal: 3</think>\nFinal: 4<end>")
    assert found is not None
    assert ("explanation", "no</think>\nFinal: 3") in found
    assert ("answer", "4") in found


def test_an_explanation_behind_the_answer_may_have_several_lines() -> None:
    found = cut(LAST, "Final: 4\nTwo\nand two.<end>")
    assert found is not None
    assert found[1:4] == [
        ("answer", "4"),
        ("marker", "\n"),
        ("explanation", "Two\nand two."),
    ]


@pytest.mark.parametrize(
    ("frame", "target"),
    [
        (FIRST, "Final: 4<end>"),
        (FIRST, "<think>2 + 2.</think>\nFinal: 4"),
        (FIRST, "<think>2 + 2.<end>"),
        (ALONE, "Final: <end>"),
        (ALONE, ""),
    ],
)
def test_a_target_in_another_frame_is_not_cut(frame: Frame, target: str) -> None:
    assert frame.match(target) is None
