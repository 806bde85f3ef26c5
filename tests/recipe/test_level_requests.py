"""Asks: prompts say the level where a recipe trains several, unless told otherwise."""

from __future__ import annotations

import pytest

from axolotl_explain.recipe.level_requests import asks_for_level
from axolotl_explain.recipe.options import ExplainOptions


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


@pytest.mark.parametrize(
    ("apart", "together", "asks"),
    [
        ({"none": 1, "long": 1}, "long", False),
        ("long", {"none": 1, "long": 1}, True),
        ("long", "none", True),
    ],
)
def test_only_where_tasks_are_apart_does_level_none_need_no_words(
    apart: object, together: object, asks: bool
) -> None:
    recipe = [
        ExplainOptions(level=apart, order="multitask"),
        ExplainOptions(level=together),
    ]
    assert [asks_for_level(one, recipe) for one in recipe] == [asks, asks]
