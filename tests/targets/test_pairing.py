"""Pairing: every item gets the text of another, each text as often as it can."""

from __future__ import annotations

from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from axolotl_explain.targets.pairing import derange


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(0, 3))
def test_nobody_gets_their_own_text_unless_there_is_no_other(
    texts: list[int], seed: int
) -> None:
    donors = derange(texts, seed, "pairs")
    given_texts = [texts[donor] for donor in donors]
    if len(set(texts)) < 2:
        assert donors == list(range(len(texts)))
        return
    assert all(a != b for a, b in zip(given_texts, texts, strict=True))


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(0, 3))
def test_each_text_is_given_once_where_none_fills_more_than_half(
    texts: list[int], seed: int
) -> None:
    assume(2 * max(Counter(texts).values(), default=0) <= len(texts))
    assert sorted(derange(texts, seed, "pairs")) == list(range(len(texts)))


def test_a_text_of_more_than_half_gets_the_others_equally_often() -> None:
    texts = [0] * 12 + [1, 2, 3]
    given_texts = [texts[donor] for donor in derange(texts, 0, "pairs")]
    assert Counter(given_texts[:12]) == {1: 4, 2: 4, 3: 4}
    assert given_texts[12:] == [0, 0, 0]


def test_another_seed_or_stream_pairs_otherwise() -> None:
    texts = list(range(50))
    first = derange(texts, 0, "pairs")
    assert derange(texts, 0, "pairs") == first
    for other in (derange(texts, 1, "pairs"), derange(texts, 0, "other")):
        assert sum(a == b for a, b in zip(first, other, strict=True)) < 10


def test_who_of_those_with_the_same_text_gets_which_other_is_drawn_too() -> None:
    """Three texts have two orders around a circle, each of which pairs in one way."""
    texts = [0, 0, 1, 1, 2]
    found = {
        tuple(texts[donor] for donor in derange(texts, seed, "pairs"))
        for seed in range(100)
    }
    assert len(found) > 2
