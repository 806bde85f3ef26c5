"""Paths into a recipe."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.key_path import is_there, parse_key, with_value

RECIPE: dict[str, Any] = {
    "seed": 1,
    "datasets": [{"path": "a.jsonl"}, {"path": "b.jsonl"}],
    "explain": {"level": "long"},
    "scratch_model": {"config": {"hidden_size": 8}},
    "task_data": {"folder": "data", "task": "modular_sum"},
}


def test_a_value_is_set_in_a_copy() -> None:
    changed = with_value(RECIPE, "datasets[1].split", "train[:5]")
    assert changed["datasets"][1] == {"path": "b.jsonl", "split": "train[:5]"}
    assert RECIPE["datasets"][1] == {"path": "b.jsonl"}


def test_a_value_is_not_shared_between_runs() -> None:
    value = {"none": 1}
    changed = with_value(RECIPE, "explain.level", value)
    changed["explain"]["level"]["none"] = 2
    assert value == {"none": 1}


@pytest.mark.parametrize("key", ["", "a..b", ".a", "a.", "[0]", "a[x]", "a[0", "a b]"])
def test_what_is_no_path_is_refused(key: str) -> None:
    with pytest.raises(ExplainError, match="no path into a recipe"):
        parse_key(key)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("datasets[2].split", r"no place \[2\], it has 2"),
        ("seed.more", "no block that could hold more"),
        ("seed[0]", "has no list at seed"),
        ("explain[0].level", "has no list at explain"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(key: str, said: str) -> None:
    with pytest.raises(ExplainError, match=said):
        with_value(RECIPE, key, 1)


def test_what_a_recipe_says_is_there() -> None:
    assert is_there(RECIPE, parse_key("datasets[1].path"))
    assert not is_there(RECIPE, parse_key("datasets[2].path"))
    assert not is_there(RECIPE, parse_key("seed.more"))
