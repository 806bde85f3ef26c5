"""Usable: placeholders are no explanations, and an answer line is not said twice."""

from __future__ import annotations

import pytest

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.target import text_of
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.targets.training_rows import plan
from axolotl_explain.targets.usable import usable, without_answer_line

MARKER = "Final answer: "


def test_a_level_with_a_placeholder_is_missing_and_the_error_says_why() -> None:
    example = Example("Add.", "7", "", {"short": "3 + 4.", "long": "N/A"})
    with pytest.raises(
        BadRow, match=r"explanations\.long is 'N/A', which explains not"
    ):
        plan(example, ExplainOptions(level="long"))
    (row,) = plan(example, ExplainOptions(level="long", on_missing_level="nearest"))
    assert isinstance(row, TrainingRow)
    assert (row.level, row.explanation) == ("short", "3 + 4.")
    assert row.outcome == Outcome.NEAREST | Outcome.PLACEHOLDER


@pytest.mark.parametrize(
    ("explanation", "kept"),
    [
        ("Two and two.\nFinal answer: 4", "Two and two."),
        ("Two and two.\n**Final answer:** 4.\n", "Two and two."),
        ("Two.\nfinal answer: 4\nFinal answer: 4", "Two."),
        ("Two.\nFinal answer: 3\nNo.\nFinal answer: 4", "Two.\nFinal answer: 3\nNo."),
        ("Two.\nFinal answer: 5", "Two.\nFinal answer: 5"),
        ("The final answer: 4 is two and two.", "The final answer: 4 is two and two."),
        ("Two.\nFinal answers: 4", "Two.\nFinal answers: 4"),
        ("Two and two. Final answer: 4", "Two and two."),
        ("Two and two.\nFinal answer: \\boxed{4}", "Two and two."),
        ("Two, so final answer: 4", "Two, so final answer: 4"),
    ],
)
def test_only_a_last_line_that_says_the_stored_answer_is_cut(
    explanation: str, kept: str
) -> None:
    assert without_answer_line(explanation, "4", MARKER) == kept


def test_an_answer_line_is_trained_once() -> None:
    example = Example("Add.", "4", "", {"long": "Two and two.\nFinal answer: 4"})
    options = ExplainOptions(level="long")
    (row,) = plan(example, options)
    assert isinstance(row, TrainingRow)
    target = options.layout.target(row.example.answer, row.explanation)
    assert text_of(target) == "Two and two.\nFinal answer: 4"
    assert row.outcome == Outcome.ANSWER_LINE_CUT


def test_an_explanation_that_said_the_answer_is_consistent_without_its_line() -> None:
    options = ExplainOptions(level="long", filter="consistent")
    for said, outcome in (
        ("4", Outcome.ANSWER_LINE_CUT),
        ("5", Outcome.INCONSISTENT),
    ):
        text = f"Two and two, 3 steps.\nFinal answer: {said}"
        (row,) = plan(Example("Add.", "4", "", {"long": text}), options)
        assert row.outcome == outcome


def test_the_markers_of_other_files_are_cut_too() -> None:
    assert without_answer_line("2 * 2.\n#### 4", "4", "#### ") == "2 * 2."
    lines = "Count.\nAnswer: a\nb"
    assert without_answer_line(lines, "a\nb", "Answer: ") == "Count."


def test_an_example_without_either_stays_the_very_same() -> None:
    example = Example("Add.", "7", "", {"long": "3, then 4 more."})
    assert usable(example, MARKER).example is example
