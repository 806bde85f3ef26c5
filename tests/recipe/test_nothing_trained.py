"""Recipes that would train nothing are refused where they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.evaluation_options import never_evaluates
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.nothing_trained import adapter_without_rank

ENTRY = {"path": "a.jsonl", "type": "axolotl_explain.instruct"}


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("{}")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"num_epochs": 0}, "num_epochs: 0 trains nothing"),
        ({"num_epochs": -1.0}, "num_epochs: -1 trains nothing"),
        ({"num_epochs": 0, "max_steps": -1}, "num_epochs: 0 trains nothing"),
        ({"max_steps": 0}, "max_steps: 0 is read as not set"),
        ({"pretraining_dataset": [{"path": "c4"}]}, "datasets[0]: with pretraining_"),
        ({"streaming": True, "val_set_size": 0.1}, "val_set_size: 0.1 of a stream"),
        (
            {"explain": {"evaluation": {"data": "a.jsonl"}}},
            "explain.evaluation: the trainer of this recipe never evaluates",
        ),
        (
            {
                "explain": {
                    "evaluation": {"data": "a.jsonl", "every": 1, "levels": "short"}
                }
            },
            "explain.evaluation.levels: short: the prompts of this recipe do not say",
        ),
    ],
)
def test_what_would_train_nothing_is_refused_by_its_key(
    keys: dict[str, Any], words: str
) -> None:
    with pytest.raises(ExplainError) as caught:
        install_settings({"datasets": [dict(ENTRY)], **keys})
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    "keys",
    [{"num_epochs": 0, "max_steps": 5}, {"num_epochs": 0.5}, {"max_steps": -1}, {}],
)
def test_a_part_of_an_epoch_or_a_number_of_steps_is_trained(
    keys: dict[str, Any],
) -> None:
    assert install_settings({"datasets": [dict(ENTRY)], **keys}) == 1


@pytest.mark.parametrize(
    ("keys", "never"),
    [
        ({}, True),
        ({"eval_steps": 10}, True),
        ({"val_set_size": 0.1}, True),
        ({"val_set_size": 0.1, "eval_steps": 10}, False),
        ({"test_datasets": [ENTRY], "eval_strategy": "epoch"}, False),
        ({"test_datasets": [ENTRY], "eval_strategy": "no"}, True),
        # One evaluation in all is none to Axolotl.
        ({"test_datasets": [ENTRY], "evals_per_epoch": 1}, True),
        ({"test_datasets": [ENTRY], "evals_per_epoch": 1, "num_epochs": 3}, False),
        ({"test_datasets": [ENTRY], "evals_per_epoch": 2, "num_epochs": 0.5}, True),
    ],
)
def test_when_the_trainer_never_evaluates(keys: dict[str, Any], never: bool) -> None:
    assert never_evaluates(keys) is never


@pytest.mark.parametrize(
    ("keys", "begin"),
    [
        ({"adapter": "lora", "lora_alpha": 8}, "lora_r: is not set"),
        ({"adapter": "qlora", "lora_r": 8}, "lora_alpha: is not set"),
        ({"adapter": "lora", "lora_r": 0, "lora_alpha": 8}, "lora_r: 0 is no size"),
        ({"adapter": "lora", "lora_r": 8, "lora_alpha": 8}, ""),
        ({"adapter": "lora", "lora_model_dir": "out"}, ""),
        ({}, ""),
    ],
)
def test_a_new_adapter_needs_a_rank_and_a_scale(
    keys: dict[str, Any], begin: str
) -> None:
    found = adapter_without_rank(keys)
    assert found.startswith(begin)
    assert bool(found) is bool(begin)
