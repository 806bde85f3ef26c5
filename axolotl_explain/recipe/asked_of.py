"""Recipe file or trained folder -> how a model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.dataset_entries import TYPES, reading_entry
from axolotl_explain.recipe.files import without_rows
from axolotl_explain.recipe.folder_recipe import folder_recipe
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.row_prompts import RowPrompts
from axolotl_explain.support.yaml_file import read_recipe


def recipe_for(source: str | Path) -> dict[str, Any]:
    """A recipe file as it is written, or the recipe that a trained folder tells.

    Raises:
        ExplainError: if it is neither, or cannot be read.
    """
    if Path(source).is_dir():
        return folder_recipe(str(source))
    return read_recipe(str(source))


def recipe_or_folder(
    recipe: str | None, model: str | None, base_model: str | None = None
) -> dict[str, Any]:
    """The recipe that is named, or else the one that the folder of a model tells.

    Args:
        base_model: where the base model lies, in place of where training had it.

    Raises:
        ExplainError: if neither is named, or what is cannot be read.
    """
    if recipe is not None:
        found = read_recipe(recipe)
        return {**found, "base_model": base_model} if base_model else found
    if model is None:
        raise ExplainError(
            "--model: name a folder that training left, or the recipe of a base model "
            "(--recipe)."
        )
    return folder_recipe(model, base_model)


def prompts_of(recipe: Mapping[str, Any], data: str | None = None) -> RowPrompts:
    """How a recipe asks; by the dataset that reads `data`, or else by its first.

    No file of rows needs to be there.

    Raises:
        ExplainError: for a recipe that cannot be used.
    """
    whole = _copied(recipe)
    with without_rows():
        install_settings(whole)
    entry = reading_entry(whole, data)
    if entry is None:
        raise ExplainError(
            "the recipe has no dataset that this package reads; one with type: "
            f"{' or '.join(TYPES)} is needed."
        )
    return RowPrompts.of(entry["type"], from_entry(entry))


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value
