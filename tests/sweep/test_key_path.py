"""Paths into a recipe."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.key_path import is_there, parse_key, with_value
from axolotl_explain.sweep.known_keys import check_blocks, check_keys

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


@pytest.mark.parametrize(
    "key",
    [
        "seed",
        "samples",
        "explain.order",
        "datasets[0].split",
        "datasets[1].explain.level",
        "task_data.sizes.train",
        "stop_at_loss",
        "lr_scheduler",
    ],
)
def test_keys_that_something_reads_are_taken(key: str) -> None:
    check_keys(RECIPE, [key])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("lerning_rate", "did you mean learning_rate"),
        ("scratch_model.config.hiden_size", "has no such key"),
        ("datasets[0].splt", "has no such key"),
    ],
)
def test_a_misspelt_key_is_refused(key: str, said: str) -> None:
    with pytest.raises(ExplainError, match=said):
        check_keys(RECIPE, [key])


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("explain.levl", "none", "did you mean level"),
        ("explain.level", "longer", "is no level"),
        ("task_data.options.max_lenth", 4, "max_lenth"),
        ("task_data.sizes.train", "many", "task_data.sizes"),
    ],
)
def test_blocks_of_this_package_are_checked(key: str, value: Any, said: str) -> None:
    with pytest.raises(ExplainError, match=said):
        check_blocks(with_value(RECIPE, key, value))
