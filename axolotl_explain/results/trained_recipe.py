"""The recipe that a run was trained with, and the number of its training rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.results.json_values import as_list, as_mapping
from axolotl_explain.results.lenient import read_object

FIRST_ROWS = re.compile(r"\w+\[:(\d+)\]")
"""The first so many rows, as in `split: train[:500]`."""

CARD = "README.md"
RECIPE = re.compile(r"axolotl version: `[^`]*`\n```yaml\n(.*?)\n```\n", re.DOTALL)
"""How Axolotl writes the recipe into the card of a model."""


def find_recipe(
    metrics: Mapping[str, Any], folder: Path, notes: list[str]
) -> dict[str, Any]:
    """The recipe inside metrics.json, else the file that it names; {} if neither.

    A relative path is looked up from here and from every folder above the results.
    """
    content = metrics.get("recipe_content")
    if isinstance(content, str):
        try:
            content = yaml.safe_load(content)
        except yaml.YAMLError:
            notes.append(f"{folder}: the recipe in its metrics.json is not YAML.")
    if isinstance(content, Mapping):
        return dict(content)
    named = metrics.get("recipe")
    if not isinstance(named, str):
        return {}
    for above in (Path(), *folder.resolve().parents):
        if (above / named).is_file():
            return read_object(above / named, notes)
    notes.append(f"{folder}: its recipe {named} is not there any more.")
    return {}


def trained_recipe(model: str) -> dict[str, Any] | None:
    """The recipe in the card of a model folder, or in that above a checkpoint's.

    None where there is none, or it cannot be read.
    """
    folder = Path(model)
    for place in (folder / CARD, folder.resolve().parent / CARD):
        if not place.is_file():
            continue
        found = RECIPE.findall(place.read_text("utf-8", "replace"))
        if not found:
            return None
        try:
            # Axolotl adds to what it wrote for earlier trainings of the same process.
            recipe = yaml.safe_load(found[-1])
        except yaml.YAMLError:
            return None
        return recipe if isinstance(recipe, dict) else None
    return None


def train_rows(recipe: Mapping[str, Any]) -> int | None:
    """How many rows it trains on, where `task_data` or local JSONL files tell."""
    entries = [as_mapping(entry) for entry in as_list(recipe.get("datasets"))]
    made = as_mapping(as_mapping(recipe.get("task_data")).get("sizes")).get("train")
    if isinstance(made, int) and not any(map(_first_rows, entries)):
        return made
    total = 0
    for entry in entries:
        first = _first_rows(entry)
        rows = made if isinstance(made, int) else _lines(entry)
        if rows is None and first is None:
            return None
        total += min(count for count in (rows, first) if count is not None)
    return total or None


def _first_rows(entry: Mapping[str, Any]) -> int | None:
    """The rows that a dataset's split names, where it names so many of the first."""
    found = FIRST_ROWS.fullmatch(str(entry.get("split")))
    return int(found[1]) if found else None


def _lines(entry: Mapping[str, Any]) -> int | None:
    path = Path(str(entry.get("path", "")))
    if path.suffix != ".jsonl" or not path.is_file():
        return None
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())
