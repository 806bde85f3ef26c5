"""Which level is chosen, and that no more is claimed than the intervals carry."""

from __future__ import annotations

import pytest

from axolotl_explain.report.choose_level import LevelScore, choose_level


def option(level: str, low: float, high: float, **fields: object) -> LevelScore:
    values = {"rows": 100, "share": (low + high) / 2, **fields}
    return LevelScore(level=level, low=low, high=high, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("intervals", "chosen"),
    [
        ({"none": (0.1, 0.2), "short": (0.3, 0.4), "long": (0.8, 0.9)}, "long"),
        ({"none": (0.1, 0.2), "short": (0.7, 0.81), "long": (0.8, 0.9)}, "short"),
        ({"none": (0.75, 0.85), "short": (0.1, 0.2), "long": (0.8, 0.9)}, "none"),
        ({"none": (0.1, 0.2), "medium": (0.8, 0.9), "long": (0.7, 0.85)}, "medium"),
        # Bounds that are equal meet: no difference is carried.
        ({"short": (0.6, 0.8), "long": (0.8, 0.9)}, "short"),
        # Of equals, the smaller is best.
        ({"long": (0.8, 0.9), "medium": (0.8, 0.9)}, "medium"),
    ],
)
def test_chosen_is_the_smallest_level_not_below_the_best(
    intervals: dict[str, tuple[float, float]], chosen: str
) -> None:
    options = [option(level, *bounds) for level, bounds in intervals.items()]
    assert choose_level(options).level == chosen


def test_where_intervals_meet_no_difference_is_claimed() -> None:
    words = " ".join(
        choose_level([option("short", 0.70, 0.82), option("long", 0.8, 0.9)]).reasons
    )
    assert "carry no difference" in words
    assert "does not show them to be equal" in words
    assert "below" not in words.replace("No smaller level", "")


def test_a_level_below_is_named_with_its_numbers() -> None:
    found = choose_level([option("none", 0.1, 0.2), option("long", 0.8, 0.9)])
    words = " ".join(found.reasons).replace("\u00a0", " ")
    assert "lies below it as a whole: none at 15.0 % (10.0–20.0 %)" in words


def test_rows_and_seeds_are_named_and_one_seed_is_no_proof() -> None:
    options = [option("none", 0.1, 0.2, rows=500), option("long", 0.8, 0.9, rows=400)]
    last = choose_level(options).reasons[-1]
    assert "400 to 500 rows and 1 seed" in last
    assert "one seed cannot tell" in last


def test_a_single_level_is_no_choice() -> None:
    assert choose_level([option("long", 0.8, 0.9)]).level is None


def test_levels_that_are_none_of_the_four_are_not_chosen() -> None:
    found = choose_level([option("any", 0.9, 0.95)])
    assert found.level is None
    assert "none to choose" in found.reasons[0]


def test_an_untrained_model_that_is_as_good_is_said() -> None:
    options = [option("none", 0.1, 0.2), option("long", 0.3, 0.5)]
    words = " ".join(choose_level(options, [option("long", 0.25, 0.45)]).reasons)
    assert "do not carry that training has improved" in words
    better = " ".join(choose_level(options, [option("long", 0.0, 0.1)]).reasons)
    assert "which is below" in better
