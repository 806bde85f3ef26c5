"""Levels: the closed set, draws of a mix, and what stands in for a gap."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.levels import (
    EXPLAINED,
    LEVELS,
    Fallback,
    Level,
    draw_level,
    levels_in_play,
    make_picker,
    nearest_level,
    parse_level,
    settle,
)

SUBSETS = [set(some) for size in range(4) for some in combinations(EXPLAINED, size)]


def test_levels_go_from_the_least_to_the_most() -> None:
    assert LEVELS == ("none", "short", "medium", "long")
    assert EXPLAINED == ("short", "medium", "long")


@pytest.mark.parametrize("value", ["Long", "", None, 3, ["long"], "all"])
def test_what_is_no_level_names_place_value_and_choices(value: object) -> None:
    with pytest.raises(ExplainError) as caught:
        parse_level(value, "explain.level")
    assert str(caught.value) == (
        f"explain.level: {value!r} is no level; use none, short, medium, long."
    )


@pytest.mark.parametrize(
    "weights",
    [
        {"none": 1, "long": 3},
        {"none": 1, "short": 1, "medium": 1, "long": 1},
        {"short": 0.2, "medium": 0.05, "long": 0.75},
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_draws_come_as_often_as_their_weights(
    weights: dict[Level, float], seed: int
) -> None:
    draws = [draw_level(weights, seed, f"row-{index}") for index in range(8_000)]
    for level in LEVELS:
        share = weights.get(level, 0) / sum(weights.values())
        chance = 4 * (share * (1 - share) / 8_000) ** 0.5
        assert abs(draws.count(level) / 8_000 - share) <= chance


@given(
    st.dictionaries(st.sampled_from(LEVELS), st.floats(0.01, 9), min_size=1),
    st.integers(),
    st.text(st.characters(codec="utf-8")),
)
def test_a_draw_ignores_the_order_of_its_weights(
    weights: dict[Level, float], seed: int, identity: str
) -> None:
    backwards = dict(reversed(weights.items()))
    assert draw_level(weights, seed, identity) == draw_level(backwards, seed, identity)


@given(st.lists(st.text(st.characters(codec="utf-8")), unique=True), st.randoms())
def test_a_draw_does_not_depend_on_the_rows_around_it(identities, random) -> None:
    pick = make_picker({"none": 1, "short": 1, "long": 1}, seed=3)
    straight = {name: pick(name, None, ()) for name in identities}
    random.shuffle(identities)
    assert {name: pick(name, None, ()) for name in identities} == straight


@given(st.integers(), st.text(st.characters(codec="utf-8")))
def test_a_level_of_weight_zero_is_never_drawn(seed: int, identity: str) -> None:
    assert draw_level({"none": 0, "medium": 1, "long": 0}, seed, identity) == "medium"


def test_another_seed_draws_another_mix() -> None:
    weights: dict[Level, float] = {"none": 1, "long": 1}
    first, second = (
        [draw_level(weights, seed, str(index)) for index in range(200)]
        for seed in (42, 43)
    )
    same = sum(one == other for one, other in zip(first, second, strict=True))
    assert 60 <= same <= 140


@pytest.mark.parametrize(
    ("seed", "identity", "share"), [(0, "m-17", 0.24068), (1, "m-17", 0.50373)]
)
def test_a_row_has_the_level_that_stands_at_the_share_of_its_draw(
    seed: int, identity: str, share: float
) -> None:
    """The share is the first of `printf %s 0:level:m-17 | b2sum -l 64`, over 2**64."""
    below: dict[Level, float] = {"none": share - 1e-4, "short": 1 - share + 1e-4}
    above: dict[Level, float] = {"none": share + 1e-4, "short": 1 - share - 1e-4}
    assert draw_level(below, seed, identity) == "short"
    assert draw_level(above, seed, identity) == "none"
    assert make_picker(below, seed)(identity, None, ()) == ["short"]
    assert make_picker(above, seed)(identity, None, ()) == ["none"]


@pytest.mark.parametrize("wanted", EXPLAINED)
@pytest.mark.parametrize("present", SUBSETS, ids=lambda some: "+".join(sorted(some)))
def test_the_nearest_level_is_the_closest_then_the_shorter(
    wanted: Level, present: set[Level]
) -> None:
    by_hand = {
        "short": ("short", "medium", "long"),
        "medium": ("medium", "short", "long"),
        "long": ("long", "medium", "short"),
    }
    expected = next((lv for lv in by_hand[wanted] if lv in present), "none")
    assert nearest_level(wanted, {"none", *present}) == expected


@pytest.mark.parametrize("fallback", ["error", "nearest", "answer_only", "drop"])
def test_a_level_that_is_there_is_taken_under_every_fallback(
    fallback: Fallback,
) -> None:
    assert settle("long", {"none", "long"}, fallback) == "long"


@pytest.mark.parametrize(
    ("fallback", "level"), [("nearest", "short"), ("answer_only", "none")]
)
def test_a_gap_is_filled_as_the_fallback_says(fallback: Fallback, level: Level) -> None:
    assert settle("long", {"none", "short"}, fallback) == level


def test_a_gap_can_drop_the_row() -> None:
    assert settle("long", {"none", "short"}, "drop") is None


def test_a_gap_that_is_an_error_names_what_is_there_and_three_ways_out() -> None:
    with pytest.raises(BadRow) as caught:
        settle("long", {"medium", "none", "short"}, "error")
    assert caught.value.reason == "no explanation at level long"
    message = str(caught.value)
    assert message.startswith("explanations.long: the row has no explanation")
    assert "(it has none, short, medium)" in message
    assert "explain.on_missing_level to nearest, answer_only or drop" in message


def test_all_wants_every_level_of_the_row_from_least_to_most() -> None:
    pick = make_picker("all")
    assert pick("x", None, {"long", "none", "short"}) == ["none", "short", "long"]


def test_a_fixed_level_is_wanted_whether_the_row_has_it_or_not() -> None:
    assert make_picker("medium")("x", "long", {"none"}) == ["medium"]


def test_requested_wants_the_level_that_the_row_names() -> None:
    assert make_picker("requested")("x", "short", {"none", "long"}) == ["short"]


def test_requested_refuses_a_row_that_names_no_level() -> None:
    with pytest.raises(BadRow, match=r"^level: None is no level; use none, sh") as one:
        make_picker("requested")("x", None, {"none"})
    assert one.value.reason == "level is none of the four"


@pytest.mark.parametrize(
    ("policy", "levels"),
    [
        ("short", {"short"}),
        ({"none": 1, "short": 0, "long": 2}, {"none", "long"}),
        ("all", None),
        ("requested", None),
    ],
)
def test_the_levels_in_play_are_those_a_policy_can_ask_for(policy, levels) -> None:
    assert levels_in_play(policy) == levels
