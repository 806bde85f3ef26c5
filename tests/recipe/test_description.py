"""Switches: what a recipe does to explanations is said in words."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from axolotl_explain.recipe.description import CONTROLS, DERIVED, describe
from axolotl_explain.targets.control import Control
from axolotl_explain.targets.derive import By

TYPE = "axolotl_explain.instruct"


def recipe(*blocks: dict[str, Any] | None, **explain: Any) -> dict[str, Any]:
    entries = [
        {"path": f"{number}.jsonl", "type": TYPE, "explain": block}
        for number, block in enumerate(blocks, start=1)
    ]
    return {"explain": explain, "datasets": entries}


def test_a_plain_recipe_says_nothing() -> None:
    assert describe(recipe({}, level="long", coverage=1.0)) == []


def test_each_switch_is_a_sentence() -> None:
    found = describe(
        recipe(
            None,
            derive_levels={"by": "steps"},
            filter="consistent",
            coverage=0.05,
            control="mismatched",
            order="multitask",
        )
    )
    assert len(found) == 5
    assert found[0].startswith("levels are derived: medium is the calculations")
    assert found[2].startswith("0.05 of the rows keep their explanation")
    assert found[3] == "a control arm: each row has the explanation of another"


def test_where_datasets_differ_theirs_are_named() -> None:
    control = {"control": "shuffle_steps"}
    assert describe(recipe(control, None, control, filter="consistent")) == [
        "rows whose explanation arrives at another answer are left out",
        "1.jsonl, 3.jsonl: a control arm: the steps of each explanation are in a "
        "random order",
    ]


def test_every_value_has_words() -> None:
    assert {*DERIVED} == {*get_args(By)}
    assert {*CONTROLS} == {*get_args(Control)}


@pytest.mark.parametrize(
    "broken", [{}, {"explain": 3, "datasets": 4}, {"datasets": [None, {"explain": 1}]}]
)
def test_what_is_no_recipe_says_nothing(broken: dict[str, Any]) -> None:
    assert describe(broken) == []


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ({}, "the loss counts each token of a step once"),
        (None, "the loss counts each token of a step once"),
        (
            {"weights": {"explanation": 0.3}},
            "the loss counts each token of a step: explanation weighs 0.3",
        ),
        (
            {"share": {"answer": 0.5}, "weights": {"explanation": 0.1}},
            "the loss counts each token of a step: answer has 0.5 of it, explanation "
            "weighs 0.1",
        ),
        (
            {"schedule": {"explanation": {"to": 0.0, "start": 0.5}}},
            "the loss counts each token of a step: explanation weighs 1, explanation "
            "goes to 0 from 50% to 100% of the training",
        ),
    ],
)
def test_the_block_of_the_loss_is_a_sentence(loss: Any, expected: str) -> None:
    assert describe(recipe({}, {"filter": "consistent"}, loss=loss))[1:] == [expected]
    assert describe({"explain": {"loss": loss}}) == [expected]


def test_a_block_of_the_loss_that_cannot_be_read_says_nothing() -> None:
    assert describe({"explain": {"loss": {"weights": "high"}}}) == []
