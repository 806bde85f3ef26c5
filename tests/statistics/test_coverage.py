"""What an interval of 95 % holds in simulations, and how often a test is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from axolotl_explain.statistics.mean import mean_of
from axolotl_explain.statistics.paired import compare
from tests.statistics.simulated import arm, hardness

ROWS = 300
TIMES = 400


@pytest.mark.parametrize("seeds", [3, 5, 10])
@pytest.mark.parametrize("deviation", [0.03, 0.06, 0.14])
def test_intervals_hold_what_they_promise(seeds: int, deviation: float) -> None:
    draw = np.random.default_rng(round(1000 * deviation) + seeds)
    of_difference = of_mean = 0
    for _ in range(TIMES):
        hard = hardness(draw, ROWS)
        one = arm(draw, 0.55, deviation, seeds, hard)
        other = arm(draw, 0.5, deviation, seeds, hard)
        found = compare(one, other)
        of_difference += found.low <= 0.05 <= found.high
        mean = mean_of(other)
        of_mean += mean.low is None or mean.low <= 0.5 <= (mean.high or 0)
    assert 0.925 <= of_difference / TIMES <= 0.995
    assert 0.925 <= of_mean / TIMES <= 0.995
