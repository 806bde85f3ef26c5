"""Intervals, differences and p-values agree with a second way to work them out."""

from __future__ import annotations

import numpy as np
import pytest

from axolotl_explain.results.verdict_bits import pack
from axolotl_explain.statistics.mean import mean_of
from axolotl_explain.statistics.paired import compare, holm
from axolotl_explain.statistics.verdicts import Verdicts
from tests.fixtures.recomputed import Runs, bits, difference, interval, stepped

ROWS = 300


def drawn(seed: int, seeds: int, share: float) -> Runs:
    """Rows of unlike difficulty, answered by runs that are unlike as well."""
    draw = np.random.default_rng(seed)
    of_rows = share + draw.uniform(-0.3, 0.3, ROWS)
    of_seeds = draw.normal(0, 0.05, (seeds, 1))
    return (draw.random((seeds, ROWS)) < of_rows + of_seeds).astype(int).tolist()


PAIRS = [
    (drawn(number, seeds, 0.5), drawn(number, seeds, share))
    for number, (seeds, share) in enumerate([(3, 0.5), (5, 0.55), (5, 0.62), (10, 0.8)])
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_mean_has_the_same_interval(one: Runs, other: Runs) -> None:
    for arm in (one, other):
        found = mean_of(Verdicts.of(arm))
        assert (found.share, found.low, found.high) == pytest.approx(interval(arm))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_difference_has_the_same_interval_and_p(one: Runs, other: Runs) -> None:
    found = compare(Verdicts.of(one), Verdicts.of(other))
    mine = (found.estimate, found.low, found.high, found.p_value)
    assert mine == pytest.approx(difference(one, other), abs=1e-9)


def test_p_values_are_adjusted_alike() -> None:
    p_values = [0.01, 0.04, 0.03, 0.03, 0.5, 0.9, 0.001]
    assert holm(p_values) == pytest.approx(stepped(p_values))


def test_bits_are_the_same_rows() -> None:
    (run, *_), _ = PAIRS[0]
    assert bits(pack([bool(one) for one in run]), ROWS) == run
