"""Draws: the same numbers on every machine, and none of one stream told by another."""

from __future__ import annotations

import pytest

from axolotl_explain.core.draws import Place, number, uniform


@pytest.mark.parametrize(
    ("seed", "stream", "key", "bits"),
    [
        (0, "level", ["m-17"], 0x3D9D311B529887B0),
        (3, "coverage", ["m-17"], 0x35EE7E1234D26F0E),
        (3, "pairs:long", ["place", 4], 0x1FF13EF8445B84CC),
    ],
)
def test_a_number_is_what_b2sum_says_of_seed_stream_and_key(
    seed: int, stream: str, key: list[Place], bits: int
) -> None:
    """As of `printf %s 3:pairs:long:place:4 | b2sum -l 64`."""
    assert number(seed, stream, *key) == bits
    assert uniform(seed, stream, *key) == pytest.approx(bits / 2**64, abs=2**-53)


def test_draws_fill_the_unit_interval_evenly() -> None:
    tenths = [int(10 * uniform(0, "level", row)) for row in range(10_000)]
    assert set(tenths) == set(range(10))
    assert all(850 <= tenths.count(tenth) <= 1_150 for tenth in range(10))


@pytest.mark.parametrize("other", [(1, "level"), (0, "coverage")])
def test_another_seed_or_stream_is_drawn_independently(other: tuple[int, str]) -> None:
    pairs = [
        (uniform(0, "level", row) < 0.5, uniform(*other, row) < 0.5)
        for row in range(4_000)
    ]
    for pair in ((True, True), (True, False), (False, True), (False, False)):
        assert 850 <= pairs.count(pair) <= 1_150


def test_a_key_that_utf_8_cannot_write_has_a_draw() -> None:
    assert 0 <= uniform(0, "level", "\ud800") < 1
