"""Keys that something reads, and those that nothing would."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.key_path import with_value
from axolotl_explain.sweep.known_keys import check_blocks, check_keys

RECIPE: dict[str, Any] = {
    "seed": 1,
    "datasets": [{"path": "a.jsonl"}, {"path": "b.jsonl"}],
    "explain": {"level": "long"},
    "scratch_model": {"config": {"hidden_size": 8}},
    "task_data": {"folder": "data", "task": "modular_sum"},
}


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
        ("explain.loss.weight.answer", 2, "did you mean weights"),
        ("explain.loss.weights.answer", -1, "use a number of at least 0"),
        ("explain.loss", {"weights": {"prompt": 0.1}}, "has a type that tells prompt"),
        ("task_data.options.max_lenth", 4, "max_lenth"),
        ("task_data.sizes.train", "many", "task_data.sizes"),
    ],
)
def test_blocks_of_this_package_are_checked(key: str, value: Any, said: str) -> None:
    with pytest.raises(ExplainError, match=said):
        check_blocks(with_value(RECIPE, key, value))
