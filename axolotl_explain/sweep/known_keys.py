"""Refuse keys that nothing would read: their runs would differ in name alone.

Axolotl drops keys that it does not know, at the top of a recipe and in its datasets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.loss_refusals import refuse_loss_of
from axolotl_explain.recipe.options import ExplainArgs
from axolotl_explain.support.key_path import KeyPath, is_there, parse_key
from axolotl_explain.support.suggest import did_you_mean

SAMPLES = "samples"
"""A key of a grid alone: how many rows, the first ones, each dataset has."""

CHECKED = ("explain", "task_data")
"""Blocks that `check_blocks` looks into."""

OF_A_DATASET = ("split", "explain", "name", "data_files", "revision")
"""Keys that may be added to an entry of a recipe's datasets."""


def check_keys(recipe: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Check that a sweep changes keys that are read.

    Raises:
        ExplainError: naming a key that neither the recipe has nor Axolotl knows.
    """
    for key in dict.fromkeys(keys):
        path = parse_key(key)
        top = str(path[0])
        if key == SAMPLES or top in CHECKED or is_there(recipe, path):
            continue
        if top not in recipe:
            _require_known(top, key)
        elif top == "scratch_model" or _is_lost(path):
            raise ExplainError(
                f"{key}: the recipe has no such key, and a misspelt one would change "
                "nothing; write it there with the value that it has by default."
            )


def _is_lost(path: KeyPath) -> bool:
    """Whether it is a key of a dataset that Axolotl might drop."""
    of_a_dataset = path[0] in ("datasets", "test_datasets") and len(path) > 2
    return of_a_dataset and path[2] not in OF_A_DATASET


def check_blocks(recipe: Mapping[str, Any]) -> None:
    """Check the blocks of a run's recipe that this package reads.

    Raises:
        ExplainError: naming the key path.
    """
    refuse_loss_of(recipe)
    if recipe.get("task_data") is not None:
        from axolotl_explain.recipe.task_data import plan_of

        plan_of(recipe["task_data"])


def _require_known(top: str, key: str) -> None:
    """Importing Axolotl takes seconds, so it is asked about unknown keys alone."""
    if top in ExplainArgs.model_fields:
        return
    from axolotl_explain.training.load import recipe_keys

    known = [*recipe_keys(), *ExplainArgs.model_fields, SAMPLES]
    if top not in known:
        raise ExplainError(
            f"{key}: no recipe has a key {top}{did_you_mean(top, known)}"
        )
