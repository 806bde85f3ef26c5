"""A small base recipe, and runs whose commands take no time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A recipe that makes its data and its model; the working folder is empty."""
    monkeypatch.chdir(tmp_path)
    return {
        "base_model": "old/base",
        "scratch_model": {
            "config": {"model_type": "llama", "hidden_size": 8},
            "tokenizer_data": ["old/data/validation.jsonl"],
        },
        "task_data": {
            "folder": "old/data",
            "task": "modular_sum",
            "options": {"min_length": 2, "max_length": 3},
            "sizes": {"train": 100, "validation": 5, "test": 5, "test_long": 0},
        },
        "explain": {"level": "long"},
        "datasets": [
            {"path": "old/data/train.jsonl", "type": "axolotl_explain.instruct"}
        ],
        "test_datasets": [
            {"path": "old/data/validation.jsonl", "type": "axolotl_explain.instruct"}
        ],
        "output_dir": "old/run",
        "micro_batch_size": 8,
        "num_epochs": 2,
        "seed": 1,
    }
