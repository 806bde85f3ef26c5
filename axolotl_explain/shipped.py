"""Recipes and examples that travel with the package."""

from __future__ import annotations

from pathlib import Path

from axolotl_explain.errors import ExplainError

PACKAGE = Path(__file__).parent


def recipe_path(name: str) -> Path:
    """A shipped recipe: inside an installed package, else in the repository beside it.

    Raises:
        ExplainError: if there is none of that name.
    """
    return _shipped("recipes", name)


def example_path(name: str) -> Path:
    """A shipped file of example data; see `recipe_path`."""
    return _shipped("examples", name)


def _shipped(kind: str, name: str) -> Path:
    for root in (PACKAGE, PACKAGE.parent):
        path = root / kind / name
        if path.is_file():
            return path
    raise ExplainError(f"{name}: there is no such file in this installation's {kind}.")
