"""Plan: the training rows an example becomes, and what the report calls them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.outcome import Outcome, in_words, tally
from axolotl_explain.recipe.level_requests import asks_for_level
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.targets.derive import Deriver
from axolotl_explain.targets.training_rows import outcomes_to_report, plan

SHORT = Example("Do it.", "4", id="s", explanations={"short": "a"}, level="long")
FULL = Example("Do it.", "4", id="f", explanations={"short": "a", "long": "b"})


def planned(example: Example, **options: object) -> list[tuple[Level | None, Outcome]]:
    return [
        (getattr(one, "level", None), one.outcome)
        for one in plan(example, ExplainOptions(**options))
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
    lost = {outcome for outcome in Outcome if outcome.dropped}
    assert lost == {
        Outcome.LEVEL_MISSING,
        Outcome.TOO_LONG,
        Outcome.INCONSISTENT,
        Outcome.BAD_ROW,
        Outcome.TARGET_TOO_LONG,
    }
    assert all(one.label.startswith("dropped: ") == one.dropped for one in Outcome)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2), st.text(), st.integers(0, 3))
def test_who_is_covered_stays_so_as_coverage_grows(
    shares: list[float], identity: str, seed: int
) -> None:
    example = Example("Do it.", "4", id=identity, explanations={"long": "b"})
    less, more = (
        planned(example, coverage=share, seed=seed)[0][0] for share in sorted(shares)
    )
    assert (less, more) != ("long", "none")


def test_no_and_full_coverage_mean_nobody_and_everybody() -> None:
    assert planned(FULL, coverage=0.0) == [("none", Outcome.UNCOVERED)]
    assert planned(FULL, coverage=1.0) == [("long", Outcome.AS_WANTED)]


def test_an_uncovered_row_is_one_row_with_the_answer_alone() -> None:
    assert planned(FULL, coverage=0.0, level="all") == [("none", Outcome.UNCOVERED)]
    assert planned(FULL, coverage=0.0, level="none") == [("none", Outcome.AS_WANTED)]
    bare = Example("Do it.", "4")
    assert planned(bare, coverage=0.0) == [("none", Outcome.UNCOVERED)]


def test_several_things_may_happen_to_one_row() -> None:
    text = "It is 4. So I say."
    example = Example("Do it.", "4", explanations={"medium": text})
    (one,) = plan(
        example,
        ExplainOptions(
            level="long",
            on_missing_level="nearest",
            filter="consistent",
            control="shuffle_steps",
        ),
    )
    assert one.outcome == Outcome.NEAREST | Outcome.CONTROLLED
    assert (one.level, one.explanation) == ("medium", "So I say. It is 4.")
    assert one.example is not None
    assert one.example.explanations == {"medium": text}


def test_the_filter_judges_each_level_that_is_used() -> None:
    example = Example("Do it.", "4", explanations={"short": "2 + 2 = 4", "long": "5."})
    assert planned(example, level="all", filter="consistent") == [
        ("none", Outcome.AS_WANTED),
        ("short", Outcome.AS_WANTED),
        (None, Outcome.INCONSISTENT),
    ]


def test_a_derived_level_is_judged_by_what_it_comes_from() -> None:
    text = "First 1 + 1 = 2. Then 2 + 2 = 4."
    example = Example("Do it.", "4", explanations={"long": text})
    options = ExplainOptions(
        level="short",
        filter="consistent",
        derive_levels={"by": "sentences", "budgets": {"short": 6}},
    )
    assert options.derive_levels is not None
    derive = Deriver(options.derive_levels, lambda text: len(text.split()))
    (one,) = plan(example, options, derive)
    assert (one.explanation, one.outcome) == ("First 1 + 1 = 2.", Outcome.DERIVED)


def test_multitask_asks_once_to_predict_and_for_each_level_to_explain() -> None:
    assert planned(FULL, order="multitask") == [
        ("none", Outcome.AS_WANTED),
        ("long", Outcome.AS_WANTED),
    ]
    everything = planned(FULL, order="multitask", level="all")
    assert [level for level, _ in everything] == ["none", "short", "long"]
    assert planned(FULL, order="multitask", coverage=0.0) == [
        ("none", Outcome.UNCOVERED)
    ]


def test_multitask_leaves_out_both_rows_of_an_example_that_is_dropped() -> None:
    wrong = Example("Do it.", "4", explanations={"long": "It is 5."})
    assert planned(wrong, order="multitask", filter="consistent") == [
        (None, Outcome.INCONSISTENT)
    ]


def test_a_dropped_row_counts_for_that_and_for_nothing_else() -> None:
    lost = Outcome.NEAREST | Outcome.CONTROLLED | Outcome.TOO_LONG | Outcome.UNDERIVED
    kept = Outcome.NEAREST | Outcome.CONTROLLED
    assert tally([(int(lost), 2), (int(kept), 3), (0, 4)]) == {
        Outcome.TOO_LONG: 2,
        Outcome.UNDERIVED: 2,
        Outcome.NEAREST: 3,
        Outcome.CONTROLLED: 3,
    }


def test_a_switch_in_use_is_reported_even_where_it_touched_nothing() -> None:
    options = ExplainOptions(coverage=0.5, filter="consistent")
    said = in_words({}, outcomes_to_report(options))
    assert said == (
        "0 with the answer alone, by coverage; 0 dropped: the explanation arrives at "
        "another answer; 0 kept whose explanation says no answer that can be compared"
    )


@pytest.mark.parametrize("level", ["long", {"none": 1, "long": 1}])
def test_under_multitask_the_words_of_the_task_say_level_none(level: object) -> None:
    apart = ExplainOptions(level=level, order="multitask")
    assert not asks_for_level(apart, [apart])
    assert asks_for_level(apart, [apart, ExplainOptions(level="short")])


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
