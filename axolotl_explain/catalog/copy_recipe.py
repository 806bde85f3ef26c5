"""Take a shipped recipe: its text with the user's model, data and level in it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.catalog.edit import drop, insert_after, set_inside, set_key
from axolotl_explain.catalog.other_model import refit
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe
from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.files import missing_file
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.options import parse_options
from axolotl_explain.support.shipped import shipped_example
from axolotl_explain.support.whole_file import write_whole

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
TEST_NAMES = ("test", "validation")
HELD_OUT = 0.05
"""Share of the rows that is evaluated on where no test data are named."""
PLACEHOLDER = "# The rows here are those of the movie genres;"
"""What the line about the example's rows begins with; it goes when they do."""
KINDS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".tsv": "csv"}


@dataclass(frozen=True, slots=True)
class RecipeChanges:
    """What the user wants in the place of what the recipe has; None keeps it."""

    model: str | None = None
    data: str | None = None
    test_data: str | None = None
    level: str | None = None


def write_copy(
    entry: ShippedRecipe, changes: RecipeChanges, out: Path, force: bool
) -> list[str]:
    """Write the recipe with the changes in it; return what the user should know.

    Raises:
        ExplainError: if the file is there already, if a wish cannot be met, or if the
            result would not be read by the plugin. Nothing is written then.
    """
    check_out(out, force)
    text, notes = changed_text(entry, changes, out)
    write_recipe(text, out)
    return notes


def check_out(out: Path, force: bool) -> None:
    """Refuse to replace a file that nobody has allowed to be replaced.

    Raises:
        ExplainError: if it is there already.
    """
    if out.exists() and not force:
        raise ExplainError(
            f"--out {out}: the file exists; name another, or add --force to replace it."
        )


def write_recipe(text: str, out: Path) -> None:
    """Write a recipe that the plugin can read.

    Raises:
        ExplainError: if it cannot. Nothing is written then.
    """
    recipe = yaml.safe_load(text)
    if "task_data" not in recipe:
        install_settings(deepcopy(recipe))
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, text)


def changed_text(
    entry: ShippedRecipe, changes: RecipeChanges, out: Path
) -> tuple[str, list[str]]:
    """The recipe's text with the changes in it, and notes for the user."""
    text = entry.text.replace(f"recipes/{entry.name}.yml", out.as_posix())
    notes: list[str] = []
    another = changes.model not in (None, entry.recipe["base_model"])
    if changes.model:
        text = drop(set_key(text, "base_model", changes.model), "scratch_model")
    if changes.level:
        text = set_inside(text, "explain", "level", _level(changes.level))
    if changes.data or changes.test_data:
        text, note = with_data(text, entry, changes)
        notes += note
    else:
        text = _with_shipped_rows(text, entry.recipe)
    if changes.model and another:
        text, changed = refit(text, entry, changes.model, out.as_posix())
        notes = [*changed, *notes]
    return text, notes


def _level(level: str) -> Any:
    """A level as the recipe says it: a word, or weights written as YAML."""
    value = yaml.safe_load(level)
    parse_options({"level": value}, "explain")
    return value


def with_data(
    text: str, entry: ShippedRecipe, changes: RecipeChanges
) -> tuple[str, list[str]]:
    """The text with the user's files in it, and notes for the user.

    Raises:
        ExplainError: if there is no such file, or the recipe makes its own rows.
    """
    if "task_data" in entry.recipe:
        raise ExplainError(
            f"--data: {entry.name} generates its own rows (task_data); take another "
            "recipe, or leave --data out."
        )
    train, test = named_files(changes)
    for name, path in (("datasets", train), ("test_datasets", test)):
        if path is not None:
            text = set_inside(text, name, "path", path)
            text = _with_kind(text, name, path)
    text = "".join(
        line
        for line in text.splitlines(keepends=True)
        if not line.startswith(PLACEHOLDER)
    )
    if "scratch_model" in yaml.safe_load(text):
        text = _read_by_tokenizer(text, entry.recipe, train)
    if test is not None:
        return text, []
    text = insert_after(drop(text, "test_datasets"), "datasets", _held_out())
    return text, [
        f"no test data: {HELD_OUT:.0%} of the rows are held out for evaluation; "
        "--test-data names others."
    ]


def named_files(changes: RecipeChanges) -> tuple[str, str | None]:
    """The files to train on and, where there is one, to evaluate on.

    Raises:
        ExplainError: if one of them is not there.
    """
    if changes.data is None:
        raise ExplainError(
            "--test-data: --data is missing, which names what to train on."
        )
    if not Path(changes.data).is_dir():
        for option, path in (
            ("--data", changes.data),
            ("--test-data", changes.test_data),
        ):
            if path and missing_file({"path": path}):
                raise ExplainError(f"{option} {path}: there is no such file.")
        return changes.data, changes.test_data
    train = _in_folder(changes.data, ("train",))
    if train is None:
        raise ExplainError(
            f"--data {changes.data}: the folder has no train{{{','.join(SUFFIXES)}}}; "
            "name a file."
        )
    return train, changes.test_data or _in_folder(changes.data, TEST_NAMES)


def _in_folder(folder: str, names: tuple[str, ...]) -> str | None:
    files = (Path(folder) / f"{name}{suffix}" for name in names for suffix in SUFFIXES)
    return next((file.as_posix() for file in files if file.is_file()), None)


def _with_kind(text: str, name: str, path: str) -> str:
    """`ds_type` for the suffix of a file; a hub dataset has none."""
    kind = KINDS.get(Path(path).suffix, Path(path).suffix.removeprefix("."))
    if f".{kind}" in SUFFIXES:
        return set_inside(text, name, "ds_type", kind)
    raise ExplainError(
        f"--data {quoted(path)}: a file ({', '.join(SUFFIXES)}) is needed here; for "
        "a hub dataset copy the recipe and write its entry by hand."
    )


def _read_by_tokenizer(text: str, recipe: Mapping[str, Any], train: str) -> str:
    (read,) = recipe["scratch_model"]["tokenizer_data"]
    return text.replace(f"    - {read}\n", f"    - {train}\n")


def _held_out() -> str:
    return f"val_set_size: {HELD_OUT}"


def _with_shipped_rows(text: str, recipe: Mapping[str, Any]) -> str:
    """Examples by a path that holds where the recipe is run."""
    for name in ("train", "test"):
        path = f"examples/movie_genres/{name}.jsonl"
        found = None if Path(path).exists() else shipped_example(path)
        if found is not None:
            text = text.replace(f" {path}\n", f" {found.as_posix()}\n")
    return text
