"""Derive: levels from one rationale, by its length, its sentences or its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.targets.derive import Derived, DeriveOptions, Deriver, Terciles

THREE = "It rains. So it is wet.\nThen the sun comes out."
SUM = "In May it was 48 / 2 = 24 clips. Together 48 + 24 = 72."

sentences = st.lists(st.sampled_from(["Go on.", "So it is three words!", "A line\n"]))
texts = sentences.map(" ".join).map(str.strip).filter(bool)


def words(text: str) -> int:
    return len(text.split())


def derived(
    explanations: Mapping[Any, str], terciles: Terciles | None = None, **block: Any
) -> Derived:
    example = Example("Do it.", "4", explanations=explanations)
    return Deriver(DeriveOptions(**block), words, terciles)(example)


def by_sentences(text: str, short: int, medium: int) -> Mapping[Any, str]:
    budgets = {"short": short, "medium": medium}
    found = derived({"long": text}, by="sentences", budgets=budgets)
    return found.example.explanations


@pytest.mark.parametrize(
    ("short", "medium", "levels"),
    [
        (2, 6, {"short": "It rains.", "medium": "It rains. So it is wet."}),
        (5, 5, {"short": "It rains.", "medium": "It rains."}),
        (1, 2, {"medium": "It rains."}),
        (1, 1, {}),
        (99, 99, {"short": THREE, "medium": THREE}),
    ],
)
def test_shorter_levels_are_whole_sentences_within_their_budgets(
    short: int, medium: int, levels: dict[str, str]
) -> None:
    assert by_sentences(THREE, short, medium) == {**levels, "long": THREE}


@given(texts, st.integers(1, 30), st.integers(0, 30))
def test_the_longest_beginning_that_keeps_to_the_budget_is_taken(
    text: str, short: int, more: int
) -> None:
    found = by_sentences(text, short, short + more)
    assert found["long"] == text
    for level, budget in (("short", short), ("medium", short + more)):
        beginnings = [
            "".join(text[: at + 1])
            for at in range(len(text))
            if text[: at + 1].endswith((".", "!")) or text[at + 1 : at + 2] == "\n"
        ]
        fitting = [one for one in [*beginnings, text] if words(one) <= budget]
        assert found.get(level) == (max(fitting, key=len).rstrip() if fitting else None)


def test_short_has_30_tokens_and_medium_80_unless_a_recipe_says_otherwise() -> None:
    ten = "One two three four five six seven eight nine ten."
    found = derived({"long": " ".join([ten] * 12)}, by="sentences")
    sizes = {level: words(text) for level, text in found.example.explanations.items()}
    assert sizes == {"short": 30, "medium": 80, "long": 120}


@pytest.mark.parametrize("budgets", [{"short": 0}, {"short": -1}, {"short": 81}])
def test_budgets_that_hold_nothing_or_are_upside_down_are_refused(
    budgets: dict[Any, int],
) -> None:
    with pytest.raises(
        ValidationError, match="short needs 1 token or more, and medium"
    ):
        DeriveOptions(by="sentences", budgets=budgets)


def test_steps_are_the_calculations_and_their_results() -> None:
    found = derived({"medium": SUM}, by="steps")
    assert found.example.explanations == {
        "short": "24\n72",
        "medium": "48/2=24\n48+24=72",
        "long": SUM,
    }
    assert (found.levels, found.whole) == ({"short", "medium", "long"}, {"long"})
    assert found.rationale == SUM


def test_a_rationale_without_calculations_gives_no_steps() -> None:
    found = derived({"long": "A sheriff rides in."}, by="steps")
    assert found.example.explanations == {"long": "A sheriff rides in."}
    assert (found.levels, found.fruitful) == (frozenset(), False)


def test_what_a_row_has_at_other_levels_is_kept() -> None:
    own = {"short": "My own.", "long": SUM}
    block: dict[str, Any] = {"by": "steps", "from": "long"}
    found = derived(own, **block)
    assert found.example.explanations == {**own, "medium": "48/2=24\n48+24=72"}
    assert found.levels == {"medium"}


def test_beside_a_long_explanation_the_rationale_stays_where_it_is() -> None:
    own = {"medium": "It rains.", "long": SUM}
    block: dict[str, Any] = {"by": "steps", "from": "medium"}
    found = derived(own, **block)
    assert found.example.explanations == own
    assert (found.levels, found.fruitful) == (frozenset(), False)


@pytest.mark.timeout(100)
def test_a_text_of_many_sentences_is_cut_without_being_held_as_often() -> None:
    text = ("It rains. " * 100_000).strip()
    assert by_sentences(text, 5, 9) == {
        "short": "It rains. It rains.",
        "medium": "It rains. It rains. It rains. It rains.",
        "long": text,
    }


@pytest.mark.parametrize(
    ("explanations", "source"),
    [({}, None), ({"short": "a", "long": "b"}, None), ({"long": "b"}, "short")],
)
def test_without_a_single_rationale_nothing_is_derived(
    explanations: dict[Any, str], source: str | None
) -> None:
    block: dict[str, Any] = {"by": "sentences", "from": source}
    found = derived(explanations, **block)
    assert found.example.explanations == explanations
    assert (found.levels, found.fruitful) == (frozenset(), False)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_terciles_split_a_dataset_in_three_by_length(lengths: list[int]) -> None:
    levels = [Terciles.of(lengths).level(one) for one in lengths]
    ranks = [EXPLAINED.index(level) for level in levels]
    pairs = sorted(zip(lengths, ranks, strict=True))
    assert [rank for _, rank in pairs] == sorted(ranks)
    for length in set(lengths):
        assert len({rank for one, rank in pairs if one == length}) == 1
    third = len(lengths) / 3
    for rank in (0, 1):
        upto = sum(one <= rank for one in ranks)
        at_the_cut = max(length for length, one in pairs if one <= rank)
        strictly = sum(one < at_the_cut for one in lengths)
        assert strictly < third * (rank + 1) <= upto


def test_equal_lengths_have_equal_levels() -> None:
    assert Terciles.of([7, 7, 7]).level(7) == "short"
    assert Terciles.of([]) == Terciles(0, 0)


def test_by_length_the_rationale_is_all_there_is_and_the_rows_own_level() -> None:
    found = derived({"medium": THREE}, Terciles(3, 9), by="length")
    assert found.example.explanations == {"long": THREE}
    assert found.example.level == "long"
    assert (found.levels, found.whole) == ({"long"}, frozenset())
    assert found.rationale == THREE
