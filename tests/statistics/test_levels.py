"""Which level is named, and when it is said that none can be."""

from __future__ import annotations

import numpy as np
import pytest

from axolotl_explain.statistics.levels import (
    choose_level,
    compare_all,
    compare_with,
)
from axolotl_explain.statistics.paired import compare
from axolotl_explain.statistics.planning import needed
from axolotl_explain.statistics.verdicts import Verdicts
from tests.statistics.simulated import arm, hardness

LEVELS = ("none", "short", "medium", "long")


def arms(
    draw: np.random.Generator,
    shares: tuple[float, ...],
    seeds: int,
    rows: int = 400,
    deviation: float = 0.01,
) -> dict[str, Verdicts]:
    hard = hardness(draw, rows)
    return {
        level: arm(draw, share, deviation, seeds, hard)
        for level, share in zip(LEVELS, shares, strict=False)
    }


def test_the_smallest_level_that_is_not_worse_is_named() -> None:
    found = arms(np.random.default_rng(1), (0.3, 0.5, 0.8, 0.8), 5, rows=8_000)
    choice = choose_level(found, margin=0.03)
    assert choice.level == "medium"
    assert choice.worse == ["none", "short"]


def test_what_cannot_be_told_apart_is_undecided_and_it_is_said_what_it_takes() -> None:
    found = arms(np.random.default_rng(2), (0.3, 0.6, 0.62, 0.61), 3, deviation=0.03)
    choice = choose_level(found)
    assert choice.level is None
    assert choice.worse == ["none"]
    assert choice.left == ["short", "medium", "long"]
    assert choice.needed is not None


def test_one_run_of_each_level_says_nothing_about_levels() -> None:
    choice = choose_level(arms(np.random.default_rng(3), (0.2, 0.5, 0.6, 0.9), 1))
    assert choice.level is None
    assert choice.needed is not None
    assert choice.needed.seeds == 3


@pytest.mark.parametrize("seeds", [3, 5])
def test_equal_levels_are_rarely_called_unlike(seeds: int) -> None:
    draw = np.random.default_rng(seeds)
    wrong = sum(
        any(one.better for one in compare_all(arms(draw, (0.5,) * 4, seeds, 200, 0.04)))
        for _ in range(200)
    )
    assert wrong / 200 <= 0.05


def test_a_worse_level_is_rarely_called_enough() -> None:
    draw = np.random.default_rng(9)
    shares = (0.5, 0.5, 0.5, 0.55)
    wrong = sum(
        choose_level(arms(draw, shares, 5, 200, 0.02), 0.05).level not in (None, "long")
        for _ in range(200)
    )
    assert wrong / 200 <= 0.05


def test_a_true_gain_is_found() -> None:
    draw = np.random.default_rng(4)
    found = sum(
        compare_with("none", arms(draw, (0.4, 0.4, 0.4, 0.6), 5, 200, 0.04))[-1].better
        == "long"
        for _ in range(60)
    )
    assert found / 60 >= 0.8


def test_what_is_needed_is_enough_when_it_is_there() -> None:
    draw = np.random.default_rng(8)
    few = arms(draw, (0.5, 0.56), 3, 300, 0.03)
    more = needed(compare(few["short"], few["none"]), 0.06)
    assert more.seeds is not None
    assert more.seeds > 3
    found = 0
    for _ in range(60):
        many = arms(draw, (0.5, 0.56), more.seeds, 300, 0.03)
        found += compare(many["short"], many["none"]).p_value <= 0.05
    assert found / 60 >= 0.6
