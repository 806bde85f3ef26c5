"""Which stage is kept, and when a chain ends before its last."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.internalisation.stage_result import (
    Answers,
    StageResult,
    choose,
    goes_on,
)
from axolotl_explain.recipe.internalise_options import InternaliseOptions


def curve(*right: int) -> list[StageResult]:
    """Stages with so many right answers of 100."""
    return [
        StageResult(stage, Answers(100, one, 10.0 - stage, 100), None, 50, 1.0)
        for stage, one in enumerate(right)
    ]


def kept(results: list[StageResult], **options: Any) -> int:
    return choose(results, InternaliseOptions(**options)).result.stage


@pytest.mark.parametrize(
    ("right", "stage"),
    [
        ((98, 97, 96), 2),
        ((98, 97, 95), 1),
        ((98, 50, 96), 2),
        ((98, 50, 40), 0),
        ((98, 99, 97), 2),
        ((98,), 0),
    ],
)
def test_the_last_stage_within_the_tolerance_is_kept(
    right: tuple[int, ...], stage: int
) -> None:
    assert kept(curve(*right)) == stage


def test_a_wider_tolerance_keeps_a_later_stage() -> None:
    assert kept(curve(98, 95, 80), tolerance=0.03) == 1
    assert kept(curve(98, 95, 80), tolerance=0.18) == 2
    assert kept(curve(98, 95, 80), tolerance=0.0) == 0


def test_why_a_stage_is_kept_is_said_with_its_numbers() -> None:
    why = choose(curve(98, 97), InternaliseOptions()).why
    assert why == (
        "the last one with an exact match of 96.0% or more on held-out rows: 98.0% of "
        "the explained model, less a tolerance of 2.0%"
    )
    why = choose(curve(98, 40), InternaliseOptions()).why
    assert why.startswith("no later one is good enough; ")


def test_explanations_that_grow_end_whole_and_that_is_kept() -> None:
    assert kept(curve(10, 50, 40), start="nothing") == 2


@pytest.mark.parametrize(
    ("right", "patience", "on"),
    [
        ((98,), 1, True),
        ((98, 40), 1, False),
        ((98, 40), 2, True),
        ((98, 40, 97), 2, True),
        ((98, 97, 40, 41), 2, False),
        ((98, 97, 40, 41), 3, True),
    ],
)
def test_a_chain_ends_after_stages_in_a_row_that_are_beyond_the_tolerance(
    right: tuple[int, ...], patience: int, on: bool
) -> None:
    assert goes_on(curve(*right), InternaliseOptions(patience=patience)) is on


def test_a_chain_of_growing_explanations_goes_on_to_its_end() -> None:
    options = InternaliseOptions(start="nothing", patience=1)
    assert goes_on(curve(98, 5, 5, 5), options)
