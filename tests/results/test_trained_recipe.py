"""How many rows a recipe trains on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.results.trained_recipe import train_rows


@pytest.fixture
def rows(tmp_path: Path) -> str:
    path = tmp_path / "train.jsonl"
    path.write_text("{}\n" * 7)
    return str(path)


def entries(path: str, *splits: str | None) -> list[dict[str, Any]]:
    return [{"path": path, "split": split} for split in splits]


@pytest.mark.parametrize(
    ("splits", "count"),
    [
        ([None], 7),
        (["train[:3]"], 3),
        (["train[:30]"], 7),
        (["train[:3]", "train"], 10),
    ],
)
def test_rows_of_a_slice_are_counted(
    rows: str, splits: list[str | None], count: int
) -> None:
    assert train_rows({"datasets": entries(rows, *splits)}) == count


def test_a_slice_of_data_that_are_not_made_yet_is_counted() -> None:
    recipe = {
        "datasets": entries("made/train.jsonl", "train[:250]"),
        "task_data": {"sizes": {"train": 8000}},
    }
    assert train_rows(recipe) == 250


def test_rows_of_a_hub_are_not_guessed() -> None:
    assert train_rows({"datasets": entries("org/data", None)}) is None
