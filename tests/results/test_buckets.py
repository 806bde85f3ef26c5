"""Values of a field in buckets: each in its own, and marked by the training range."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.results.buckets import Bucket, Range, buckets_of


@given(
    st.lists(
        st.one_of(
            st.integers(-(10**6), 10**6),
            st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_every_number_lies_in_its_own_bucket(values: list[float]) -> None:
    found = buckets_of(values)
    assert set(found) == set(values)
    assert len(set(found.values())) <= 12
    for value, bucket in found.items():
        assert bucket.low is not None
        assert bucket.high is not None
        slack = 1e-6 * max(1.0, abs(value))
        assert bucket.low - slack <= value <= bucket.high + slack


def test_a_bucket_half_in_the_training_range_is_marked_neither_way() -> None:
    assert Bucket("4-6", 4, 6).in_training(Range(1, 5)) is None
    assert Bucket("4-6", 4, 6).in_training(None) is None
    assert Bucket("MED").in_training(Range(1, 5)) is None
