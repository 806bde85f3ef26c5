"""Keys of a recipe that are written with dots: `explain.level: short`.

So grids write them, and so they come from a command line (`--explain.level short` or
`--explain__loss__weights__answer=2`) or from Axolotl's own `--sweep`. Axolotl takes
them as keys that nobody knows, and drops them; here they take the place of what the
block says.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import PurePath
from typing import Any

import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.key_path import KEY, with_value
from axolotl_explain.support.suggest import misspelt

BLOCK = "explain"
TAKEN_OUT = ("loss", "internalise")
"""Blocks below it that are there even if nothing stands in them."""

AXOLOTL = ("axolotl", "axolotl.exe")
"""The programs whose command line is Axolotl's own."""


def expand(recipe: MutableMapping[str, Any]) -> None:
    """Put the values of dotted keys where they belong, in place.

    Raises:
        ExplainError: for a path that does not fit the recipe or is none, or a key that
            only looks like our block (`explain_level`, `explian__level`), which nobody
            would read.

    >>> recipe = {"explain": {"level": "long"}, "explain.level": "short"}
    >>> expand(recipe)
    >>> recipe
    {'explain': {'level': 'short'}}
    """
    _split_names(recipe)
    for key in [str(key) for key in recipe]:
        if "." in key or "[" in key:
            if not KEY.fullmatch(key):
                if BLOCK in key:
                    raise ExplainError(
                        f"{key}: this is no path into a recipe; write it as "
                        f"{BLOCK}.{key.replace(BLOCK, '').strip('.[]') or 'level'}."
                    )
                continue
            value = recipe.pop(key)
            root = key.partition(".")[0].partition("[")[0]
            block = {root: recipe[root]} if recipe.get(root) is not None else {}
            recipe[root] = overridden(block, key, _level(key, value)).get(root, {})
        elif "__" in key and misspelt(key.partition("__")[0].casefold(), [BLOCK]):
            inner = key.partition("__")[2].replace("__", ".")
            raise ExplainError(f"{key}: no such key; write {BLOCK}.{inner}.")
        elif key.startswith((f"{BLOCK}_", f"{BLOCK}-")):
            inner = key[len(BLOCK) + 1 :].lstrip("_-")
            raise ExplainError(
                f"{key}: no such key; write {BLOCK}.{inner}, or {inner} inside the "
                f"block {BLOCK}."
            )


def _split_names(recipe: MutableMapping[str, Any]) -> None:
    """Write `loss__weights__answer` inside our block with dots.

    Axolotl takes the first name of `--explain__loss__weights__answer` off, and leaves
    the others in one.
    """
    block = recipe.get(BLOCK)
    if not isinstance(block, MutableMapping):
        return
    for key in [str(key) for key in block]:
        if "__" in key.strip("_"):
            recipe[f"{BLOCK}.{key.replace('__', '.')}"] = block.pop(key)


def overridden(recipe: Mapping[str, Any], key: str, value: object) -> dict[str, Any]:
    """A copy of a recipe with another value at a dotted key.

    Null takes the blocks `explain.loss` and `explain.internalise` out: inside a recipe,
    where nothing stands behind such a key, it is an empty block.

    Raises:
        ExplainError: for a path that does not fit the recipe.

    >>> overridden({"explain": {"level": "long", "loss": {}}}, "explain.loss", None)
    {'explain': {'level': 'long'}}
    """
    changed = with_value(recipe, key, value)
    block, _, name = key.partition(".")
    if value is None and block == BLOCK and name in TAKEN_OUT:
        changed[BLOCK].pop(name)
    return changed


def with_values(recipe: Mapping[str, Any], given: Sequence[str]) -> dict[str, Any]:
    """A copy of a recipe with the values of `--set KEY=VALUE`, one after the other.

    Raises:
        ExplainError: for what is no key and value, or does not fit the recipe.

    >>> with_values({"seed": 1}, ["seed=2", "explain.level=short"])
    {'seed': 2, 'explain': {'level': 'short'}}
    """
    changed = dict(recipe)
    for one in given:
        key, equals, text = one.partition("=")
        if not equals:
            raise ExplainError(f"--set {one}: write KEY=VALUE, such as --set seed=2.")
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ExplainError(
                f"--set {one}: what follows = is no YAML; write the value as in a "
                "recipe, in quotes if it has brackets or colons."
            ) from None
        changed = overridden(changed, key.strip(), value)
    return changed


def _level(key: str, value: object) -> object:
    """A command line reads the level `none` as nothing."""
    return "none" if value is None and key.endswith(f"{BLOCK}.level") else value


def refuse_dropped(arguments: Sequence[str]) -> None:
    """Refuse `--explain.…` where Axolotl's own command line leaves it out.

    `axolotl train` takes options that it does not know for those of its launcher;
    without a launcher they are gone.

    Args:
        arguments: of this process, its program first.

    Raises:
        ExplainError: with the command that takes them.
    """
    program, *given = arguments or [""]
    if PurePath(program).name not in AXOLOTL:
        return
    for argument in given:
        if argument.startswith((f"--{BLOCK}.", f"--{BLOCK}_", f"--{BLOCK}-")):
            raise ExplainError(
                f"{argument}: the command axolotl does not pass it on; change the "
                "recipe, or run accelerate launch -m axolotl.cli.train RECIPE "
                f"{argument} …"
            )
