"""Runs are found wherever they lie below the folders that are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.results.find_runs import find_run_folders

Write = Callable[..., Path]


def test_a_folder_without_results_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExplainError, match=r"empty: no results here .* Evaluate the"):
        find_run_folders([tmp_path / "empty"])
    with pytest.raises(ExplainError, match="there is no such folder"):
        find_run_folders([tmp_path / "missing"])


def test_a_run_is_found_by_its_folder_its_evaluation_and_a_folder_above(
    write_run: Write, tmp_path: Path
) -> None:
    folder = write_run("a", "long", 5)
    state = {"log_history": [{"step": 1, "loss": 2.0}]}
    (folder / "checkpoint-1").mkdir()
    (folder / "checkpoint-1" / "trainer_state.json").write_text(json.dumps(state))
    for named in (folder, folder / "evaluation", tmp_path):
        (found,) = find_run_folders([named])
        assert found.evaluation == folder / "evaluation"
        assert found.training == folder
    assert len(find_run_folders([folder, tmp_path])) == 1
