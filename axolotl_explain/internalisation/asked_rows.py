"""Which rows a chain is asked: those a stage is chosen by, and those of tests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.dataset_entries import our_test_files
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.sources.local_files import matches


def held_out_data(recipe: Mapping[str, Any], given: Sequence[str]) -> list[str]:
    """The files by which a stage is chosen, never those of tests.

    Those that are named, else the validation split of task_data, else those of
    explain.evaluation, else the test_datasets of the recipe, which Axolotl evaluates
    on while it trains.

    Raises:
        ExplainError: if there are none.
    """
    if given:
        return list(given)
    planned = _planned_splits(recipe)
    if "validation" in planned:
        return [planned["validation"]]
    block = (recipe.get("explain") or {}).get("evaluation")
    if isinstance(block, Mapping) and block.get("data"):
        data = block["data"]
        return [data] if isinstance(data, str) else [str(one) for one in data]
    named = our_test_files(recipe)
    if not named:
        raise ExplainError(
            "--data: name a file of held-out rows, by which the stage that is kept is "
            "chosen; the recipe has neither explain.evaluation nor test_datasets of "
            "rows with answers."
        )
    return named


def test_data(
    recipe: Mapping[str, Any], given: Sequence[str], held_out: Sequence[str]
) -> list[str]:
    """The files that only say how good the choice is: named, or the test split.

    Raises:
        ExplainError: if one of them is what stages are chosen by.
    """
    planned = _planned_splits(recipe)
    found = list(given) or [planned[one] for one in ("test",) if one in planned]
    chosen_by = {file for path in held_out for file in same_files(path)}
    for path in found:
        if chosen_by.intersection(same_files(path)):
            raise ExplainError(
                f"--test {path}: the stage that is kept is chosen by these rows, so "
                "they are no test of it; name other ones as --data."
            )
    return found


def same_files(path: str) -> set[str]:
    """What tells the rows behind a name or pattern from others, however it is spelt."""
    return {os.path.realpath(file) for file in matches(path) or [path]}


def refuse_unreadable(
    recipe: Mapping[str, Any], data: Sequence[str], limit: int | None
) -> None:
    """Read the rows that stages are asked, so that none fails after its training.

    Those of task_data are not there yet, and are as they should be.

    Args:
        limit: rows of each file that are asked, at most.

    Raises:
        ExplainError: naming file, row and field of what evaluation could not read.
    """
    from axolotl_explain.evaluation.asking import read_examples

    block = recipe.get("task_data") or {}
    folder = Path(block["folder"]) if block else None
    for path in data:
        if folder is None or folder not in Path(path).parents:
            read_examples(path, limit, reading_options(recipe, path))


def _planned_splits(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Split -> file, of the problems that the recipe generates."""
    if recipe.get("task_data") is None:
        return {}
    from axolotl_explain.recipe.task_data import plan_of

    spec, planned = plan_of(recipe["task_data"])
    return {name: f"{spec.folder}/{name}.jsonl" for name in planned.sizes.wanted()}
