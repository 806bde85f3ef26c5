"""Recipes and examples that travel with the package."""

from __future__ import annotations

from pathlib import Path

from axolotl_explain.core.errors import ExplainError

PACKAGE = Path(__file__).parents[1]
SWEEPS = ("paper", "sweeps")
"""The folders of recipes/ whose files are grids, for `axolotl explain sweep`."""

ROOTS = (PACKAGE, PACKAGE.parent)
"""Inside an installed package; in the repository, beside it."""


def recipe_path(name: str) -> Path:
    """A shipped recipe, such as `cpu/lora.yml`.

    Raises:
        ExplainError: if there is none of that name.
    """
    return _shipped("recipes", name)


def example_path(name: str) -> Path:
    """A shipped file of example data; see `recipe_path`."""
    return _shipped("examples", name)


def recipe_paths() -> dict[str, Path]:
    """Name of each shipped recipe, such as `cpu/lora` -> its file, in order."""
    for root in ROOTS:
        folder = root / "recipes"
        if folder.is_dir():
            found = sorted(folder.rglob("*.yml"))
            files = [file for file in found if file.parent.name not in SWEEPS]
            return {
                file.relative_to(folder).with_suffix("").as_posix(): file
                for file in files
            }
    raise ExplainError("recipes: they are missing from this installation.")


def shipped_example(path: str) -> Path | None:
    """Where a file of `examples/` lies in this installation; None if it does not."""
    found = (root / path for root in ROOTS if path.startswith("examples/"))
    return next((file for file in found if file.exists()), None)


def _shipped(kind: str, name: str) -> Path:
    for root in ROOTS:
        path = root / kind / name
        if path.is_file():
            return path
    raise ExplainError(f"{name}: there is no such file in this installation's {kind}.")
