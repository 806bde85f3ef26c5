"""Plan: the training rows an example becomes, and what the report calls them."""

from __future__ import annotations

import pytest

from axolotl_explain.errors import ExplainError
from axolotl_explain.example import Example
from axolotl_explain.levels import Level
from axolotl_explain.options import ExplainOptions
from axolotl_explain.plan import Outcome, asks_for_level, plan

SHORT = Example("Do it.", "4", id="s", explanations={"short": "a"}, level="long")
FULL = Example("Do it.", "4", id="f", explanations={"short": "a", "long": "b"})


def planned(example: Example, **options: object) -> list[tuple[Level | None, Outcome]]:
    return [
        (one.level, one.outcome) for one in plan(example, ExplainOptions(**options))
    ]


def test_a_row_with_the_wanted_level_is_one_row_as_wanted() -> None:
    assert planned(FULL, level="long") == [("long", Outcome.AS_WANTED)]


def test_all_makes_one_row_per_level_that_is_there() -> None:
    assert planned(FULL, level="all") == [
        ("none", Outcome.AS_WANTED),
        ("short", Outcome.AS_WANTED),
        ("long", Outcome.AS_WANTED),
    ]


def test_none_is_wanted_and_there_in_every_row() -> None:
    assert planned(SHORT, level="none") == [("none", Outcome.AS_WANTED)]


@pytest.mark.parametrize(
    ("fallback", "level", "outcome"),
    [
        ("nearest", "short", Outcome.NEAREST),
        ("answer_only", "none", Outcome.ANSWER_ONLY),
        ("drop", None, Outcome.LEVEL_MISSING),
    ],
)
def test_a_gap_is_counted_as_what_fills_it(
    fallback: str, level: Level | None, outcome: Outcome
) -> None:
    got = planned(SHORT, level="long", on_missing_level=fallback)
    assert got == [(level, outcome)]


def test_the_nearest_level_of_a_row_without_any_is_the_answer_alone() -> None:
    bare = Example("Do it.", "4")
    got = planned(bare, level="long", on_missing_level="nearest")
    assert got == [("none", Outcome.ANSWER_ONLY)]


def test_requested_follows_the_row_and_its_gaps_the_fallback() -> None:
    got = planned(SHORT, level="requested", on_missing_level="nearest")
    assert got == [("short", Outcome.NEAREST)]


def test_a_gap_is_an_error_unless_the_recipe_says_otherwise() -> None:
    with pytest.raises(ExplainError, match=r"^explanations\.long: the row has no"):
        planned(SHORT, level="long")


def test_a_mix_splits_examples_by_their_weights() -> None:
    examples = [
        Example("Do it.", "4", id=str(index), explanations={"long": "b"})
        for index in range(2_000)
    ]
    mix = {"none": 1, "long": 3}
    got = [planned(example, level=mix)[0][0] for example in examples]
    assert 1_400 <= got.count("long") <= 1_600
    assert got.count("long") + got.count("none") == 2_000


def test_only_outcomes_that_lose_the_row_count_as_dropped() -> None:
    lost = [outcome for outcome in Outcome if outcome.dropped]
    assert lost == [Outcome.LEVEL_MISSING, Outcome.TOO_LONG, Outcome.BAD_ROW]
    assert all(one.label.startswith("dropped: ") == one.dropped for one in Outcome)


@pytest.mark.parametrize(
    ("levels", "asks"),
    [
        (["long"], False),
        (["long", "long"], False),
        (["long", "short"], True),
        ([{"none": 1, "long": 3}], True),
        ([{"none": 0, "long": 3}], False),
        ([{"long": 1}, "long"], False),
        (["all"], True),
        (["long", "requested"], True),
    ],
)
def test_prompts_say_the_level_where_several_are_trained(
    levels: list[object], asks: bool
) -> None:
    recipe = [ExplainOptions(level=level) for level in levels]
    assert {asks_for_level(one, recipe) for one in recipe} == {asks}


@pytest.mark.parametrize("others", [["long"], ["all", "short"]])
def test_always_and_never_overrule_what_is_trained(others: list[str]) -> None:
    recipe = [ExplainOptions(level=level) for level in others]
    assert asks_for_level(ExplainOptions(level_request="always"), recipe)
    assert not asks_for_level(ExplainOptions(level_request="never"), recipe)
