"""Calculations: found as they stand in texts, and quickly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.targets.calculations import calculations


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("In May 48 / 2 = 24, so 48+24 = 72 in all.", ["48/2=24", "48+24=72"]),
        ("(5 + 3) x $2 = 8 x $2 = $16.", ["(5+3)x$2=8x$2=$16"]),
        ("12/60 = $<<12/60=0.2>>0.2 and 1 + 1 = 2", ["12/60=0.2"]),
        ("1,000.50 * 2 = 2,001, see?", ["1,000.50*2=2,001"]),
        ("x = 5 − 3 = 2", ["5−3=2"]),
        ("50% × 8 = 4. 5 is next.", ["50%×8=4"]),
        ("24 = 24, 2024-05-06 and 3 + 4.", []),
        ("20 x-rays = 3 or A1 + 2 = 3", []),
    ],
)
def test_calculations_of_some_texts_by_hand(text: str, found: list[str]) -> None:
    assert [one.text for one in calculations(text)] == found


def test_the_result_stands_behind_the_last_equals_sign() -> None:
    (one,) = calculations("2 + 3 + 4 = 5 + 4 = 9")
    assert one.result == "9"


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), max_size=6))
def test_every_sum_that_is_written_is_found(sums: list[tuple[int, int]]) -> None:
    text = " then ".join(f"{a} + {b} = {a + b}" for a, b in sums)
    assert [one.text for one in calculations(text)] == [
        f"{a}+{b}={a + b}" for a, b in sums
    ]


@pytest.mark.timeout(100)
@pytest.mark.parametrize("part", ["1+", "1 + ", "(", "(1", "1)", "1,", "<<=1", "-"])
def test_a_million_characters_are_read_once_and_not_over_and_over(part: str) -> None:
    assert calculations(part * (1_000_000 // len(part))) == []
