"""Draft: what becomes of several explanations of one level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example, Turn
from axolotl_explain.core.levels import Level, draw_level
from axolotl_explain.sources.draft import Draft, Several

TWO = ["One.", "Other."]
Texts = Mapping[Level, Sequence[str]]


def made(explanations: Texts, several: Several) -> list[Mapping[Level, str]]:
    """The explanations of each example."""
    found = Draft("Do it.", "4", explanations=explanations).examples(several, 0)
    return [example.explanations for example in found]


def drawn(explanations: Texts, identity: str, seed: int = 0) -> Mapping[Level, str]:
    draft = Draft("Do it.", "4", explanations=explanations, id=identity)
    (example,) = draft.examples("draw", seed)
    return example.explanations


def test_each_explanation_is_drawn_as_often_as_the_others() -> None:
    texts = ["One.", "Two.", "Three."]
    found = [drawn({"long": texts}, str(row))["long"] for row in range(3_000)]
    assert all(found.count(text) == pytest.approx(1_000, abs=120) for text in texts)


def test_rows_whose_mix_picks_a_level_still_draw_all_of_its_explanations() -> None:
    """The same draw for both would leave one explanation to the rows at level none."""
    mix: dict[Level, float] = {"none": 1, "long": 1}
    found = [
        drawn({"long": TWO}, str(row))["long"]
        for row in range(2_000)
        if draw_level(mix, 0, Example("Do it.", "4", id=str(row)).identity) == "long"
    ]
    assert found.count("One.") / len(found) == pytest.approx(0.5, abs=0.08)


def test_levels_and_seeds_draw_independently() -> None:
    both: Texts = {"short": TWO, "long": TWO}
    rows = [(drawn(both, str(row)), drawn(both, str(row), 1)) for row in range(1_000)]
    levels = sum(one["short"] == one["long"] for one, _ in rows)
    seeds = sum(one["long"] == other["long"] for one, other in rows)
    assert levels == pytest.approx(500, abs=80)
    assert seeds == pytest.approx(500, abs=80)


def test_of_each_explanation_a_row_is_made_while_a_level_has_one() -> None:
    assert made({"short": ["a"], "long": ["b", "c", "d"]}, "each") == [
        {"short": "a", "long": "b"},
        {"long": "c"},
        {"long": "d"},
    ]
    assert made({}, "each") == [{}]


@pytest.mark.parametrize(
    ("texts", "levels"),
    [
        (["bbb", "a"], {"short": "a", "long": "bbb"}),
        (["cc", "a", "bbb"], {"short": "a", "medium": "cc", "long": "bbb"}),
        (
            ["zz", "a", "yyyyy", "xxxx", "www"],
            {"short": "a", "medium": "www", "long": "yyyyy"},
        ),
    ],
)
def test_by_length_the_shortest_the_middle_one_and_the_longest_are_kept(
    texts: list[str], levels: dict[str, str]
) -> None:
    assert made({"medium": texts}, "levels") == [levels]


def test_by_length_one_explanation_at_each_level_stays_where_it_is() -> None:
    own: Texts = {"short": ["The longer one."], "long": ["Short."]}
    assert made(own, "levels") == [{"short": "The longer one.", "long": "Short."}]


@pytest.mark.parametrize("several", ["levels", "draw", "each", "join"])
def test_copies_and_blanks_are_no_further_explanations(several: Several) -> None:
    texts: Texts = {"long": ["One.", " ", " One.\n", ""], "short": [""]}
    assert made(texts, several) == [{"long": "One."}]


def test_joined_explanations_stand_one_below_the_other() -> None:
    assert made({"long": TWO}, "join") == [{"long": "One.\nOther."}]


@pytest.mark.parametrize("name", ["instruction", "answer"])
def test_an_empty_field_that_every_row_needs_is_a_bad_row(name: str) -> None:
    texts = {"instruction": "Do it.", "answer": "4", name: " \n"}
    with pytest.raises(BadRow, match=f"^{name}: is empty; every row") as caught:
        Draft(**texts).examples("draw", 0)
    assert caught.value.reason == f"no {name}"


def test_an_example_comes_back_whole_from_its_draft() -> None:
    example = Example(
        "Do it.",
        "4",
        "2 2",
        {"short": "a", "long": "b"},
        id="m-17",
        level="short",
        meta={"year": 1952},
        system="Be exact.",
        history=(Turn("user", "Hello."),),
    )
    assert Draft.of(example).examples("draw", 0) == [example]
