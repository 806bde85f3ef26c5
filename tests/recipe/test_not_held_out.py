"""A file that is trained on is no test data, by whatever name it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.recipe.not_held_out import not_held_out

TRAINED = {"path": "a.jsonl", "type": "axolotl_explain.instruct"}


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl"):
        Path(name).write_text(name)


def evaluated(*data: str) -> dict[str, Any]:
    return {"datasets": [TRAINED], "explain": {"evaluation": {"data": list(data)}}}


def test_evaluation_on_the_training_file_is_named() -> None:
    (message,) = not_held_out(evaluated("b.jsonl", "./a.jsonl"))
    assert message.startswith("explain.evaluation.data: ./a.jsonl is trained on too")
    assert "datasets[0]" in message


def test_evaluation_on_another_file_is_not() -> None:
    assert not list(not_held_out(evaluated("b.jsonl")))
    assert not list(not_held_out({"datasets": [TRAINED]}))


def test_test_rows_that_are_all_of_the_training_rows_are_named() -> None:
    (message,) = not_held_out({"datasets": [TRAINED], "test_datasets": [{**TRAINED}]})
    assert message.startswith("test_datasets[0].path: a.jsonl")


def test_another_part_of_the_same_file_is_other_data() -> None:
    parts = [{**TRAINED, "split": f"train[{part}]"} for part in (":80%", "80%:")]
    recipe = {"datasets": parts[:1], "test_datasets": parts[1:]}
    assert not list(not_held_out(recipe))
