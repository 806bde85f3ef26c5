"""The YAML of a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.errors import ExplainError


def read_recipe(path: str) -> dict[str, Any]:
    """The YAML of a recipe.

    Raises:
        ExplainError: if the file is missing or is no YAML mapping.
    """
    try:
        recipe = yaml.safe_load(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ExplainError(f"{path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ExplainError(f"{path}: this is no YAML: {error}") from None
    if not isinstance(recipe, dict):
        raise ExplainError(f"{path}: a recipe is a mapping of keys to values.")
    return recipe
