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
    for root in (PACKAGE, PACKAGE.parent):
        path = root / "recipes" / name
        if path.is_file():
            return path
    raise ExplainError(f"{name}: there is no such recipe in this installation.")
