"""Recipes and examples that travel with the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.suggest import did_you_mean

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
    return _named(lambda file: file.parent.name not in SWEEPS)


def sweep_paths() -> dict[str, Path]:
    """Name of each shipped sweep, such as `paper/listops_apart_cpu` -> its file."""
    return _named(lambda file: file.parent.name in SWEEPS)


def grid_path(name: str) -> Path:
    """The file of a sweep: one of the user's, or a shipped one by its name.

    Raises:
        ExplainError: if it is neither.
    """
    if Path(name).is_file():
        return Path(name)
    shipped = sweep_paths()
    found = shipped.get(shipped_name(name))
    if found is None:
        raise ExplainError(
            f"{name}: there is no such file, and no shipped sweep of this name"
            f"{did_you_mean(shipped_name(name), shipped)} "
            "`axolotl-explain recipes` lists them."
        )
    return found


def base_recipe_path(path: str) -> str:
    """Where the recipe that a sweep names lies: as it says, or else as it is shipped.

    A shipped sweep can so be run in any folder; what it writes goes below that one.
    """
    found = None if Path(path).exists() else recipe_paths().get(shipped_name(path))
    return str(found or path)


def shipped_example(path: str) -> Path | None:
    """Where a file of `examples/` lies in this installation; None if it does not."""
    found = (root / path for root in ROOTS if path.startswith("examples/"))
    return next((file for file in found if file.exists()), None)


def shipped_name(name: str) -> str:
    """A name as the list has it.

    >>> shipped_name("recipes/cpu/lora.yml")
    'cpu/lora'
    """
    return name.removeprefix("recipes/").removesuffix(".yml")


def _named(wanted: Callable[[Path], bool]) -> dict[str, Path]:
    """Name below `recipes`, without suffix -> file."""
    for root in ROOTS:
        folder = root / "recipes"
        if folder.is_dir():
            found = sorted(folder.rglob("*.yml"))
            return {
                file.relative_to(folder).with_suffix("").as_posix(): file
                for file in filter(wanted, found)
            }
    raise ExplainError("recipes: they are missing from this installation.")


def _shipped(kind: str, name: str) -> Path:
    for root in ROOTS:
        path = root / kind / name
        if path.is_file():
            return path
    raise ExplainError(f"{name}: there is no such file in this installation's {kind}.")
