"""Every shipped recipe as an entry of a list: family, method, size, what it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.catalog.header import Header, parse_header
from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.support.shipped import recipe_paths
from axolotl_explain.support.suggest import did_you_mean

SIZE = re.compile(r"e?[\d.]+[mb]|tiny|small|base|large|xl")


@dataclass(frozen=True, slots=True)
class ShippedRecipe:
    """One shipped recipe.

    Attributes:
        name: folder and file without suffix, such as `qwen3/qlora-8b`.
        recipe: its keys.
    """

    name: str
    path: Path
    text: str
    header: Header
    recipe: dict[str, Any]

    @property
    def family(self) -> str:
        """The folder that it lies in."""
        return self.name.partition("/")[0]

    @property
    def method(self) -> str:
        """How it trains, from its keys."""
        return method(self.recipe)

    @property
    def size(self) -> str:
        """The part of its name that is a size; empty where a tiny model is made.

        >>> from types import SimpleNamespace
        >>> ShippedRecipe.size.fget(SimpleNamespace(name="qwen3/full-zero3-0.6b"))
        '0.6b'
        """
        parts = self.name.rpartition("/")[2].split("-")
        return next((part for part in parts if SIZE.fullmatch(part)), "")


def method(recipe: Mapping[str, Any]) -> str:
    """How a recipe trains, in one word or two.

    >>> method({"adapter": "lora", "load_in_8bit": True})
    '8-bit LoRA'
    """
    if not recipe.get("adapter"):
        return "full"
    if recipe.get("load_in_4bit"):
        return "QLoRA"
    return "8-bit LoRA" if recipe.get("load_in_8bit") else "LoRA"


def shipped_recipes() -> list[ShippedRecipe]:
    """All shipped recipes, by name; read once, so change none of their mappings."""
    return list(_entries(tuple(recipe_paths().items())))


def shipped_recipe(name: str) -> ShippedRecipe:
    """The recipe of a name; `recipes/` in front and `.yml` behind are ignored.

    Raises:
        ExplainError: if there is none, with the names that are like it.
    """
    wanted = name.removeprefix("recipes/").removesuffix(".yml")
    paths = recipe_paths()
    if wanted not in paths:
        raise ExplainError(
            f"{quoted(name)} is no recipe of this package"
            f"{did_you_mean(wanted, paths, most=3)} "
            "`axolotl explain recipes` lists them."
        )
    return _entry(wanted, paths[wanted])


@cache
def _entries(paths: tuple[tuple[str, Path], ...]) -> tuple[ShippedRecipe, ...]:
    return tuple(_entry(name, path) for name, path in paths)


def _entry(name: str, path: Path) -> ShippedRecipe:
    text = path.read_text("utf-8")
    return ShippedRecipe(
        name, path, text, parse_header(text, name), yaml.safe_load(text)
    )
