"""Plan: the training rows an example becomes, and what the report calls them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.outcome import Outcome, in_words, tally
from axolotl_explain.core.training_row import PlannedRow, TrainingRow
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


@pytest.mark.parametrize("level", ["none", "short", "long"])
def test_requested_is_the_level_that_the_row_names(level: Level) -> None:
    example = Example("Do it.", "4", explanations=FULL.explanations, level=level)
    assert planned(example, level="requested") == [(level, Outcome.AS_WANTED)]


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


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, Outcome.AS_WANTED),
        ({"derive_levels": {"by": "steps"}}, Outcome.DERIVED | Outcome.UNDERIVED),
        ({"coverage": 0.9}, Outcome.UNCOVERED),
        ({"filter": "consistent"}, Outcome.INCONSISTENT | Outcome.UNDECIDED),
        ({"control": "mismatched"}, Outcome.CONTROLLED | Outcome.UNCONTROLLED),
    ],
)
def test_each_switch_is_reported_with_what_it_did_and_what_it_could_not(
    options: dict[str, Any], flags: Outcome
) -> None:
    assert outcomes_to_report(ExplainOptions(**options)) == flags


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


def derived(example: Example, **options: object) -> list[PlannedRow]:
    """The rows of an example whose levels are derived by steps or sentences."""
    block = ExplainOptions(**options)
    assert block.derive_levels is not None
    return plan(example, block, Deriver(block.derive_levels, len))


def test_an_own_explanation_beside_derived_ones_is_judged_by_itself() -> None:
    own = {"short": "It is 5.", "long": "2 + 2 = 4"}
    rows = derived(
        Example("Do it.", "4", explanations=own),
        level="all",
        filter="consistent",
        derive_levels={"by": "steps", "from": "long"},
    )
    assert [(getattr(row, "level", None), row.outcome) for row in rows] == [
        ("none", Outcome.AS_WANTED),
        (None, Outcome.INCONSISTENT),
        ("medium", Outcome.DERIVED),
        ("long", Outcome.AS_WANTED),
    ]


def test_the_filter_reads_the_marker_of_the_recipe() -> None:
    text = "A sheriff.\nGenre: drama"
    example = Example("Which genre?", "western", explanations={"long": text})
    assert planned(example, filter="consistent") == [("long", Outcome.UNDECIDED)]
    own = planned(example, filter="consistent", answer_marker="Genre: ")
    assert own == [(None, Outcome.INCONSISTENT)]


def test_what_cannot_be_judged_is_kept_and_counted() -> None:
    example = Example("Which genre?", "western", explanations={"long": "A sheriff."})
    got = planned(example, filter="consistent")
    assert got == [("long", Outcome.UNDECIDED)]


def test_an_example_from_which_nothing_is_derived_is_counted_once() -> None:
    bare = Example("Do it.", "4", explanations={"long": "So it is."})
    rows = derived(bare, level="all", derive_levels={"by": "steps"})
    assert [row.outcome for row in rows] == [Outcome.UNDERIVED, Outcome.AS_WANTED]


def test_a_derived_level_that_is_the_whole_explanation_is_counted_as_such() -> None:
    rows = derived(
        Example("Do it.", "4", explanations={"long": "One. Two."}),
        level="all",
        derive_levels={"by": "sentences", "budgets": {"short": 5, "medium": 9}},
    )
    assert [row.outcome for row in rows] == [
        Outcome.AS_WANTED,
        Outcome.DERIVED,
        Outcome.DERIVED_WHOLE,
        Outcome.AS_WANTED,
    ]


def test_the_filter_judges_an_explanation_before_control_shuffles_it() -> None:
    example = Example("Do it.", "4", explanations={"long": "It was 5. It is 4."})
    for seed in range(8):
        options = {"filter": "consistent", "control": "shuffle_tokens", "seed": seed}
        assert planned(example, **options) == [("long", Outcome.CONTROLLED)]


def test_an_explanation_that_no_order_changes_is_counted_as_not_controlled() -> None:
    example = Example("Do it.", "4", explanations={"short": "Four.", "long": "Four"})
    got = planned(example, level="all", control="shuffle_tokens")
    assert got == [
        ("none", Outcome.AS_WANTED),
        ("short", Outcome.UNCONTROLLED),
        ("long", Outcome.UNCONTROLLED),
    ]


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


MANY = [
    Example("Do it.", "4", id=str(number), explanations={"long": "A b c d e f."})
    for number in range(2_000)
]


def levels_of_many(**options: object) -> list[Level | None]:
    return [planned(example, **options)[0][0] for example in MANY]


@pytest.mark.parametrize("coverage", [0.1, 0.5])
def test_coverage_thins_out_a_mix_whatever_levels_it_draws(coverage: float) -> None:
    explained = levels_of_many(level={"none": 1, "long": 1}, coverage=coverage)
    assert explained.count("long") == pytest.approx(1_000 * coverage, abs=80)


def test_another_seed_covers_other_rows() -> None:
    one, other = (levels_of_many(coverage=0.5, seed=seed) for seed in (0, 1))
    both = [*zip(one, other, strict=True)].count(("long", "long"))
    assert both == pytest.approx(500, abs=80)


def test_another_seed_draws_other_levels_of_a_mix() -> None:
    mix = {"none": 1, "long": 1}
    one, other = (levels_of_many(level=mix, seed=seed) for seed in (0, 1))
    both = [*zip(one, other, strict=True)].count(("long", "long"))
    assert both == pytest.approx(500, abs=80)


def test_rows_without_an_id_are_drawn_one_by_one() -> None:
    anonymous = [
        Example(f"Do {number}.", "4", explanations={"long": "b"})
        for number in range(200)
    ]
    for options in ({"coverage": 0.5}, {"level": {"none": 1, "long": 1}}):
        levels = [planned(example, **options)[0][0] for example in anonymous]
        assert 60 <= levels.count("long") <= 140


@pytest.mark.parametrize("control", ["shuffle_steps", "shuffle_tokens"])
def test_an_order_is_drawn_for_each_row_and_seed(control: str) -> None:
    text = "A. B. C. D. E. F. G. H."

    def shuffled(identity: str, seed: int) -> str:
        example = Example("Do it.", "4", id=identity, explanations={"long": text})
        (one,) = plan(example, ExplainOptions(control=control, seed=seed))
        assert isinstance(one, TrainingRow)
        return one.explanation

    orders = [shuffled(identity, seed) for identity in "ab" for seed in (0, 1)]
    assert len({*orders}) == 4
    assert all(sorted(order.split()) == text.split() for order in orders)
