"""The histogram counts every row once, in a bin that holds its length."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.inspection.lengths import MOST_BINS, bin_edges, count_bins


@given(st.lists(st.integers(0, 200_000), min_size=1))
def test_bins_are_few_and_hold_every_length(sizes: list[int]) -> None:
    edges = bin_edges(min(sizes), max(sizes))
    widths = {high - low for low, high in itertools.pairwise(edges)}
    assert len(widths) == 1
    assert str(widths.pop()).rstrip("0") in {"1", "2", "5"}
    assert len(edges) - 1 <= MOST_BINS
    expected = [
        sum(low <= size < high for size in sizes)
        for low, high in itertools.pairwise(edges)
    ]
    assert count_bins(sizes, edges) == expected
    assert sum(expected) == len(sizes)
