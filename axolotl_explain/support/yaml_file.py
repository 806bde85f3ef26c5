"""A recipe's file as a mapping, read without Axolotl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.overrides import expand


def read_recipe(path: str) -> dict[str, Any]:
    """The YAML of a recipe, with the values of dotted keys where they belong.

    Raises:
        ExplainError: if the file is missing, is no YAML mapping, or has a dotted key
            that does not fit.
    """
    recipe = read_mapping(path, "a recipe")
    expand(recipe)
    return recipe


def read_mapping(path: str, kind: str) -> dict[str, Any]:
    """A YAML file that holds keys and values.

    Args:
        kind: what the file is, for the error, such as "a recipe".

    Raises:
        ExplainError: if the file is missing or is no YAML mapping.
    """
    try:
        found = yaml.safe_load(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ExplainError(f"{path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ExplainError(f"{path}: this is no YAML: {error}") from None
    if not isinstance(found, dict):
        raise ExplainError(f"{path}: {kind} is a mapping of keys to values.")
    return found
