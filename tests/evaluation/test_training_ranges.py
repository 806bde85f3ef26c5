"""What training had of a field: from the recipe, the manifest or the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.training_ranges import parse_range, training_ranges
from axolotl_explain.results.buckets import Range


def test_the_training_range_stands_in_the_recipe(tmp_path: Path) -> None:
    block = {"task": "modular_sum", "options": {"min_length": 4, "max_length": 6}}
    assert training_ranges({"task_data": block}) == {"list_length": Range(4, 6)}
    defaults = training_ranges({"task_data": {"task": "modular_sum"}})
    assert defaults == {"list_length": Range(5, 20)}
    assert training_ranges({"datasets": [{"path": "org/hub"}]}) == {}


def test_the_training_range_stands_beside_generated_data(tmp_path: Path) -> None:
    from axolotl_explain.recipe.task_data import ensure_task_data

    block = {"task": "listops", "options": {"min_length": 10, "max_length": 20}}
    sizes = {"train": 3, "validation": 0, "test": 0, "test_long": 0}
    ensure_task_data({"folder": str(tmp_path / "data"), "sizes": sizes, **block})
    recipe = {"datasets": [{"path": str(tmp_path / "data" / "train.jsonl")}]}
    assert training_ranges(recipe) == {"list_length": Range(10, 20)}


def test_a_range_that_is_given_goes_before() -> None:
    recipe = {"task_data": {"task": "modular_sum"}}
    found = training_ranges(recipe, ["list_length=1-9", "year=-2.5-3"])
    assert found == {"list_length": Range(1, 9), "year": Range(-2.5, 3)}


@pytest.mark.parametrize("text", ["list_length", "a=5", "a=9-1", "a=x-y", "a=1..2-3"])
def test_a_range_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(ExplainError, match="--training-range"):
        parse_range(text)
