"""Weights of kinds of tokens: what they mean, and how they change."""

from __future__ import annotations

import pytest

from axolotl_explain.core.loss_weights import (
    EQUAL,
    KIND_IN_LOSS,
    LOSS_KINDS,
    LossWeights,
    Ramp,
    by_kind,
    shares,
    tokens_by_loss_kind,
    weights_of_shares,
)
from axolotl_explain.core.target import Kind

TOKENS = {"prompt": 300, "explanation": 200, "answer": 10, "end": 1}


def test_every_kind_of_token_has_a_weight() -> None:
    assert set(KIND_IN_LOSS) == set(Kind)
    assert {*KIND_IN_LOSS.values()} == {*LOSS_KINDS} == {*EQUAL}


def test_equal_weights_read_the_target_and_not_the_prompt() -> None:
    assert {kind for kind, weight in EQUAL.items() if weight == 0} == {"prompt"}
    assert {*EQUAL.values()} == {0.0, 1.0}


def test_weights_are_looked_up_by_the_number_of_a_kind() -> None:
    table = by_kind({**EQUAL, "explanation": 0.3, "answer": 0.7})
    assert table[Kind.EXPLANATION] == 0.3
    assert table[Kind.ANSWER] == table[Kind.MARKER] == 0.7
    assert table[Kind.PROMPT] == 0.0
    assert len(table) == len(Kind)


def test_the_marker_counts_with_its_answer() -> None:
    counts = {Kind.MARKER: 3, Kind.ANSWER: 2, Kind.EXPLANATION: 9}
    found = tokens_by_loss_kind(counts)
    assert (found["answer"], found["explanation"], found["end"]) == (5, 9, 0)


@pytest.mark.parametrize(
    ("ramp", "expected"),
    [
        # A straight line over the whole training, and over a part of it.
        (Ramp(0.0), [1.0, 0.75, 0.5, 0.25, 0.0]),
        (Ramp(0.0, 0.25, 0.75), [1.0, 1.0, 0.5, 0.0, 0.0]),
        (Ramp(3.0, 0.5), [1.0, 1.0, 1.0, 2.0, 3.0]),
        # Two phases.
        (Ramp(0.0, 0.5, 0.5), [1.0, 1.0, 0.0, 0.0, 0.0]),
        (Ramp(1.0, 0.2, 0.4), [1.0, 1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_a_weight_goes_in_a_straight_line_where_it_changes(
    ramp: Ramp, expected: list[float]
) -> None:
    weights = LossWeights(EQUAL, {"explanation": ramp})
    found = [weights.at(step / 4)["explanation"] for step in range(5)]
    assert found == pytest.approx(expected)
    assert [weights.at(step / 4)["answer"] for step in range(5)] == [1.0] * 5


def test_parts_of_the_loss_are_weights_times_tokens() -> None:
    found = shares({**EQUAL, "explanation": 0.3}, TOKENS)
    whole = 0.3 * 200 + 10 + 1
    assert found["explanation"] == pytest.approx(60 / whole)
    assert found["answer"] == pytest.approx(10 / whole)
    assert (found["prompt"], found["other"]) == (0.0, 0.0)
    assert sum(found.values()) == pytest.approx(1.0)


def test_where_no_token_weighs_anything_no_kind_has_a_part() -> None:
    assert {*shares(EQUAL, {"prompt": 5}).values()} == {0.0}


@pytest.mark.parametrize(
    "wanted",
    [
        {"answer": 0.5},
        {"answer": 0.0},
        {"answer": 0.9, "explanation": 0.05},
        {"prompt": 0.1, "explanation": 0.2},
        {"explanation": 0.3, "answer": 0.6, "end": 0.1},
    ],
)
def test_weights_of_shares_give_the_shares(wanted: dict[str, float]) -> None:
    weights = weights_of_shares(wanted, EQUAL, TOKENS)  # type: ignore[arg-type]
    found = shares(weights, TOKENS)  # type: ignore[arg-type]
    for kind, share in wanted.items():
        assert found[kind] == pytest.approx(share), kind  # type: ignore[index]
    assert max(weights.values()) == 1.0


def test_kinds_without_a_share_keep_their_ratio() -> None:
    others = {**EQUAL, "explanation": 0.2}
    found = weights_of_shares({"answer": 0.5}, others, TOKENS)
    assert found["explanation"] / found["end"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("wanted", "others", "words"),
    [
        ({"answer": 0.5}, {}, "answer: the training rows have no token of it"),
        ({"end": 1.0}, {}, "nothing is left for explanation; give it a weight of 0"),
        ({"end": 0.5}, {"explanation": 0.0}, "add up to 0.5, and no other kind has a"),
    ],
)
def test_shares_that_no_weight_can_give_are_refused(
    wanted: dict[str, float], others: dict[str, float], words: str
) -> None:
    tokens = {"explanation": 200, "end": 1}
    with pytest.raises(ValueError, match=words):
        weights_of_shares(wanted, {**EQUAL, **others}, tokens)  # type: ignore[arg-type,dict-item]
