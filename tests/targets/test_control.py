"""Control: the same words in another order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.targets.control import SHUFFLES, shuffle_steps, shuffle_tokens

steps = st.lists(
    st.tuples(
        st.sampled_from(["Go.", "So what?", "8 + 9 = 17.", "A b c."]),
        st.sampled_from([" ", "\n", "\n\n"]),
    ),
    min_size=1,
).map(lambda parts: "".join(map("".join, parts)).strip())


def sentences(text: str) -> list[str]:
    """Of texts made of the above, none of which has a full stop inside."""
    return re.findall(r"\S[^.?]*[.?]", text)


@given(steps, st.integers(0, 3), st.text())
def test_shuffled_steps_are_the_same_steps_in_another_order(
    text: str, seed: int, identity: str
) -> None:
    shuffled = shuffle_steps(text, seed, identity)
    assert Counter(sentences(shuffled)) == Counter(sentences(text))
    assert (shuffled != text) == (len(set(sentences(text))) > 1)


@given(st.text(), st.integers(0, 3))
def test_shuffled_tokens_are_the_same_tokens_in_another_order(
    text: str, seed: int
) -> None:
    text = text.strip()
    shuffled = shuffle_tokens(text, seed, "m-17")
    assert Counter(shuffled.split()) == Counter(text.split())
    assert (shuffled != text) == (len(set(text.split())) > 1)


def test_white_space_stays_where_it_was() -> None:
    assert shuffle_tokens("a  b\nc", 0, "m-17").translate(
        str.maketrans("abc", "xxx")
    ) == ("x  x\nx")


@pytest.mark.parametrize(
    ("shuffle", "text"),
    [
        (shuffle_tokens, " ".join("abcdefghij")),
        (shuffle_steps, "A. B. C. D. E. F. G. H. I. J."),
    ],
)
def test_orders_differ_between_rows_and_seeds_and_repeat_for_the_same(
    shuffle: Callable[[str, int, str], str], text: str
) -> None:
    orders = [shuffle(text, seed, str(row)) for seed in (0, 1) for row in (1, 2)]
    assert len({*orders}) == 4
    assert orders == [
        shuffle(text, seed, str(row)) for seed in (0, 1) for row in (1, 2)
    ]


def test_each_control_shuffles_what_its_name_says() -> None:
    steps, tokens = (
        {SHUFFLES[control]("A b. C d.", seed, "m-17") for seed in range(40)}
        for control in ("shuffle_steps", "shuffle_tokens")
    )
    assert steps == {"C d. A b."}
    assert len(tokens) > 10
