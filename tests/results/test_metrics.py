"""What is counted over completions, against counts by hand."""

from __future__ import annotations

import pytest

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.metrics import Metrics, metrics_by_level


def completion(level: str = "long", **changes: object) -> Completion:
    values: dict[str, object] = {
        "row": 1,
        "id": "",
        "level": level,
        "prompt": "2 + 2\n",
        "completion": "Final answer: 4",
        "answer": "4",
        "extracted": "4",
        "exact_match": True,
        "flexible_match": True,
        "truncated": False,
        "num_tokens": 10,
    }
    return Completion(**{**values, **changes})  # type: ignore[arg-type]


def test_shares_are_counts_over_the_number_of_rows() -> None:
    metrics = Metrics.of(
        [
            completion(num_tokens=10),
            completion(exact_match=False, extracted="4.0", num_tokens=20),
            completion(
                exact_match=False,
                flexible_match=False,
                extracted=None,
                truncated=True,
                num_tokens=60,
            ),
            completion(num_tokens=10),
        ]
    )
    assert metrics.num_rows == 4
    assert metrics.exact_match == 2 / 4
    assert metrics.flexible_match == 3 / 4
    assert metrics.parsed_rate == 3 / 4
    assert metrics.truncated_rate == 1 / 4
    assert metrics.tokens_per_completion == (10 + 20 + 60 + 10) / 4
    assert metrics.tokens_per_right_answer == (10 + 20 + 60 + 10) / 2
    assert metrics.interval[0] < 0.5 < metrics.interval[1]
    assert metrics.num_verified == 0
    assert metrics.explanation_validity is None
    assert metrics.cells is None


def bounds_by_bisection(share: float, trials: int, sign: int) -> float:
    """Where a share p is 1.96 standard errors, those of p, away from the one seen."""
    inner, outer = share, 0.0 if sign < 0 else 1.0
    for _ in range(200):
        middle = (inner + outer) / 2
        error = (middle * (1 - middle) / trials) ** 0.5
        if abs(share - middle) < 1.96 * error:
            inner = middle
        else:
            outer = middle
    return inner


@pytest.mark.parametrize(("right", "total"), [(1, 3), (3, 7), (9, 10), (40, 200)])
def test_every_share_has_the_interval_of_its_own_count(right: int, total: int) -> None:
    group = [
        completion(
            exact_match=at < right,
            flexible_match=at >= right,
            explanation_valid=at < right if at else None,
        )
        for at in range(total)
    ]
    found = Metrics.of(group)
    for interval, hits, count in (
        (found.interval, right, total),
        (found.flexible_match_interval, total - right, total),
        (found.explanation_validity_interval, right - 1, total - 1),
    ):
        assert interval is not None
        for bound, sign in zip(interval, (-1, 1), strict=True):
            expected = bounds_by_bisection(hits / count, count, sign)
            assert bound == pytest.approx(expected, abs=1e-9)


def test_nothing_right_costs_no_number_of_tokens() -> None:
    wrong = completion(exact_match=False)
    assert Metrics.of([wrong]).tokens_per_right_answer is None


def test_wrong_steps_are_counted_by_operator_and_step() -> None:
    wrong = {"exact_match": False, "explanation_valid": False}
    steps = [("SM", 3), ("SM", 3), ("MAX", 3), ("MAX", 1), (None, 4)]
    group = [
        completion(**wrong, wrong_operator=operator, wrong_step=step)
        for operator, step in steps
    ]
    assert Metrics.of(group).first_wrong_steps == [
        {"operator": "SM", "step": 3, "count": 2},
        {"operator": "MAX", "step": 1, "count": 1},
        {"operator": "MAX", "step": 3, "count": 1},
        {"operator": None, "step": 4, "count": 1},
    ]


def test_no_completions_have_no_metrics() -> None:
    with pytest.raises(ValueError, match="0"):
        Metrics.of([])


def test_levels_are_reported_from_the_least_explanation_to_the_most() -> None:
    shuffled = [completion(level) for level in ("long", "none", "any", "short", "long")]
    groups = metrics_by_level(shuffled)
    assert list(groups) == ["none", "short", "long", "any"]
    assert groups["long"].num_rows == 2
