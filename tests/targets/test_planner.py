"""Planner: rows of a batch in order, faults named by row, places counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.training_row import DroppedRow, PlannedRow, TrainingRow
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.targets.derive import Deriver
from axolotl_explain.targets.planner import Place, Planner, explained

GOOD = {"instruction": "Add 3 and 4.", "answer": "7", "explanation_long": "3 + 4 = 7."}
BAD = {"instruction": "Add.", "answer": None, "explanation_long": "So."}
WORSE = {"instruction": None, "answer": "7", "explanation_long": "So."}


def read(row: Mapping[str, Any]) -> list[Example]:
    return [Example.from_row(row)]


def batch(*rows: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Rows of the same keys as columns."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def planner(skip_bad_rows: bool = False, **options: Any) -> Planner:
    return Planner("rows.jsonl", ExplainOptions(**options), read, skip_bad_rows)


def levels(planned: Sequence[tuple[int, PlannedRow]]) -> list[tuple[int, str | None]]:
    return [(index, getattr(row, "level", None)) for index, row in planned]


def test_training_rows_have_the_index_of_their_row_in_order() -> None:
    planned = planner(level="all")(batch(GOOD, GOOD), [7, 8])
    assert levels(planned) == [(7, "none"), (7, "long"), (8, "none"), (8, "long")]


def test_the_first_bad_row_is_named_from_one_with_how_many_more_there_are() -> None:
    with pytest.raises(ExplainError) as caught:
        planner()(batch(GOOD, BAD, WORSE, GOOD, BAD), range(10, 15))
    message = str(caught.value)
    assert message.startswith("rows.jsonl, row 12, answer: is empty; every row needs")
    assert message.endswith("(2 more near it)")


def test_a_single_bad_row_has_none_near_it() -> None:
    with pytest.raises(ExplainError) as caught:
        planner()(batch(WORSE, GOOD), [0, 1])
    assert str(caught.value).startswith("rows.jsonl, row 1, instruction: is empty;")
    assert "near it" not in str(caught.value)


def test_bad_rows_that_may_be_skipped_are_dropped_with_their_reason() -> None:
    planned = planner(skip_bad_rows=True)(batch(BAD, GOOD, WORSE), [0, 1, 2])
    assert levels(planned) == [(0, None), (1, "long"), (2, None)]
    dropped = [row for _, row in planned if isinstance(row, DroppedRow)]
    assert dropped == [
        DroppedRow(Outcome.BAD_ROW, "answer is empty"),
        DroppedRow(Outcome.BAD_ROW, "instruction is empty"),
    ]


def test_an_error_of_the_recipe_stops_the_run_whatever_may_be_skipped() -> None:
    def unreadable(row: Mapping[str, Any]) -> list[Example]:
        raise ExplainError("explain.columns.long: there is no column 'why'.")

    plan = Planner("rows.jsonl", ExplainOptions(), unreadable, skip_bad_rows=True)
    with pytest.raises(ExplainError, match=r"^rows\.jsonl, row 1, explain\.columns"):
        plan(batch(GOOD), [0])


def test_levels_are_derived_before_rows_are_planned() -> None:
    options = ExplainOptions(derive_levels={"by": "steps"}, level="medium")
    assert options.derive_levels is not None
    derive = Deriver(options.derive_levels, len)
    found = Planner("rows.jsonl", options, read, derive=derive)(batch(GOOD), [0])
    (row,) = (row for _, row in found if isinstance(row, TrainingRow))
    assert (row.level, row.explanation) == ("medium", "3+4=7")


def test_a_place_counts_all_training_rows_of_its_row_from_zero() -> None:
    planned = planner(level="all", on_missing_level="drop")(
        batch({**GOOD, "explanation_short": "S."}, {**GOOD, "explanation_short": ""}),
        [4, 6],
    )
    assert levels(planned) == [
        (4, "none"),
        (4, "short"),
        (4, "long"),
        (6, "none"),
        (6, "long"),
    ]
    assert [*explained(planned)] == [(1, (4, 1)), (2, (4, 2)), (4, (6, 1))]


def test_partners_give_each_explanation_and_what_they_changed_is_counted() -> None:
    asked: list[Place] = []

    def partners(places: Sequence[Place]) -> list[str]:
        asked.extend(places)
        return ["Of another.", "3 + 4 = 7."]

    options = ExplainOptions(level="all", control="mismatched")
    plan = Planner("rows.jsonl", options, read, partners=partners)
    found = [row for _, row in plan(batch(GOOD, GOOD), [0, 1])]
    rows = [row for row in found if isinstance(row, TrainingRow)]
    assert asked == [(0, 1), (1, 1)]
    assert [(row.explanation, row.outcome) for row in rows] == [
        ("", Outcome.AS_WANTED),
        ("Of another.", Outcome.CONTROLLED),
        ("", Outcome.AS_WANTED),
        ("3 + 4 = 7.", Outcome.UNCONTROLLED),
    ]
    assert rows[1].example.explanations == {"long": "3 + 4 = 7."}


def test_the_examples_of_a_batch_leave_out_what_cannot_be_read() -> None:
    found = planner().examples(batch(BAD, GOOD, WORSE))
    assert [one.answer for one in found] == ["7"]


@pytest.mark.parametrize("skip", [True, False])
def test_only_bad_rows_can_be_skipped_and_only_where_they_may(skip: bool) -> None:
    plan = planner(skip_bad_rows=skip)
    assert plan.skips(BadRow("answer: is empty.", "answer is empty")) is skip
    assert not plan.skips(ExplainError("answer: is empty."))
