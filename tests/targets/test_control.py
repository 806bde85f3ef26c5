"""Control: the same words in another order, and other rows' explanations."""

from __future__ import annotations

from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from axolotl_explain.core.sentences import split_sentences
from axolotl_explain.targets.control import shuffle_steps, shuffle_tokens
from axolotl_explain.targets.pairing import derange

steps = st.lists(
    st.tuples(
        st.sampled_from(["Go.", "So what?", "8 + 9 = 17.", "A b c."]),
        st.sampled_from([" ", "\n", "\n\n"]),
    ),
    min_size=1,
).map(lambda parts: "".join(map("".join, parts)).strip())


def sentences(text: str) -> list[str]:
    return [sentence for sentence, _ in split_sentences(text)]


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


def test_orders_differ_between_rows_and_seeds_and_repeat_for_the_same() -> None:
    text = " ".join("abcdefghij")
    orders = [shuffle_tokens(text, seed, str(row)) for seed in (0, 1) for row in (1, 2)]
    assert len({*orders}) == 4
    assert orders == [
        shuffle_tokens(text, seed, str(row)) for seed in (0, 1) for row in (1, 2)
    ]


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


def test_another_seed_pairs_otherwise() -> None:
    texts = list(range(50))
    assert derange(texts, 0, "pairs") != derange(texts, 1, "pairs")
    assert derange(texts, 0, "pairs") == derange(texts, 0, "pairs")
