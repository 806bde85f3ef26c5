"""Comparisons whose numbers can be worked out otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.statistics.mean import mean_of
from axolotl_explain.statistics.paired import compare, holm
from axolotl_explain.statistics.verdicts import Verdicts


def verdicts(*runs: str, fixed: bool = False) -> Verdicts:
    """One text of 1 and 0 for each run."""
    return Verdicts.of([[one == "1" for one in run] for run in runs], fixed)


def test_one_run_each_gets_the_exact_test() -> None:
    one = verdicts("1" * 9 + "0" + "1" * 20 + "0" * 10)
    other = verdicts("0" * 9 + "1" + "1" * 20 + "0" * 10)
    found = compare(one, other)
    assert found.estimate == pytest.approx(8 / 40)
    # Nine to one of ten that differ: 2 · (1 + 10) / 2¹⁰.
    assert found.p_value == pytest.approx(22 / 1024)
    assert found.low < 8 / 40 < found.high
    assert found.of_seeds is None


def test_runs_that_answer_alike_do_not_differ() -> None:
    found = compare(verdicts("1100"), verdicts("1100"))
    assert (found.estimate, found.p_value) == (0.0, 1.0)
    assert found.low < 0 < found.high


def test_rows_are_paired() -> None:
    hard = "1" * 50 + "0" * 50
    easier = "1" * 55 + "0" * 45
    paired = compare(verdicts(easier), verdicts(hard))
    elsewhere = compare(verdicts(easier[::-1]), verdicts(hard))
    assert paired.estimate == elsewhere.estimate
    assert paired.high - paired.low < 0.5 * (elsewhere.high - elsewhere.low)


def test_where_rows_say_nothing_it_is_the_test_of_welch() -> None:
    shares = ([0.2, 0.4, 0.5, 0.3], [0.6, 0.9, 0.7])
    # Every row of a run is right by the same share: nothing is due to rows.
    one, other = (
        Verdicts(np.repeat(np.array(part)[:, None], 1_000, axis=1)) for part in shares
    )
    found = compare(one, other)
    expected = stats.ttest_ind(*shares, equal_var=False)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-3)
    interval = expected.confidence_interval()
    assert (found.low, found.high) == pytest.approx(
        (interval.low, interval.high), rel=1e-3
    )


def test_an_interval_at_another_confidence_meets_the_p_value() -> None:
    draw = np.random.default_rng(5)
    one = Verdicts((draw.random((4, 200)) < 0.6).astype(float))
    other = Verdicts((draw.random((3, 200)) < 0.5).astype(float))
    found = compare(one, other)
    edge = found.at(1 - found.p_value)
    assert edge.low == pytest.approx(0.0, abs=1e-6)
    assert found.p_above(edge.low) == pytest.approx(found.p_value / 2, abs=1e-6)


def test_a_model_that_was_not_trained_has_no_seeds() -> None:
    draw = np.random.default_rng(6)
    runs = (draw.random((3, 400)) < 0.6).astype(float)
    base = Verdicts((draw.random((1, 400)) < 0.3).astype(float), fixed=True)
    single = Verdicts(base.right)
    trained = Verdicts(runs)
    found, taken_as_one = compare(trained, base), compare(trained, single)
    assert found.of_seeds < taken_as_one.of_seeds  # type: ignore[operator]


def test_unlike_rows_are_refused() -> None:
    with pytest.raises(ExplainError, match="one arm answered 3 rows and the other 2"):
        compare(verdicts("101"), verdicts("10"))
    with pytest.raises(ExplainError, match="answered 2, 3 rows"):
        verdicts("101", "10")


def test_seeds_that_lie_far_apart_get_no_interval() -> None:
    runs = ["1" * 377 + "0" * 123, "1" * 500, "1" * 500]
    mean = mean_of(verdicts(*runs))
    assert mean.share == pytest.approx((0.754 + 1 + 1) / 3)
    assert (mean.low, mean.high) == (None, None)


def test_a_single_run_has_the_interval_of_wilson() -> None:
    mean = mean_of(verdicts("1" * 8 + "0" * 2))
    assert (mean.low, mean.high) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert mean.of_one_model


def test_holm_multiplies_the_smallest_by_all_and_the_next_by_fewer() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
