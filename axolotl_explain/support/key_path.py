"""Dotted paths into a recipe, such as `datasets[0].split`."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError

KeyPath = tuple[str | int, ...]

KEY = re.compile(r"[^.\[\]]+(\[\d+\])*(\.[^.\[\]]+(\[\d+\])*)*")
PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def parse_key(key: str) -> KeyPath:
    """The parts of a path: names of keys, and places in lists from 0.

    Raises:
        ExplainError: if it is no such path.

    >>> parse_key("datasets[0].explain.level")
    ('datasets', 0, 'explain', 'level')
    """
    if not KEY.fullmatch(key):
        raise ExplainError(
            f"{key}: this is no path into a recipe; write keys with dots between them "
            "and places in lists in brackets, such as datasets[0].split."
        )
    return tuple(int(place) if place else name for place, name in PART.findall(key))


def is_there(recipe: Mapping[str, Any], path: KeyPath) -> bool:
    """Whether a recipe has the key that a path names."""
    found: Any = recipe
    for part in path:
        if isinstance(part, int):
            if not isinstance(found, Sequence) or part >= len(found):
                return False
        elif not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return True


def with_value(recipe: Mapping[str, Any], key: str, value: object) -> dict[str, Any]:
    """A copy of a recipe with another value at a path; missing blocks are made.

    Raises:
        ExplainError: if the path leads through something that is no block or list, or
            to a place that a list does not have.

    >>> with_value({"seed": 1}, "explain.level", "long")
    {'seed': 1, 'explain': {'level': 'long'}}
    """
    changed = copy.deepcopy(dict(recipe))
    path = parse_key(key)
    block: Any = changed
    for part, following in itertools.pairwise(path):
        _require(block, part, key)
        if isinstance(part, str) and block.get(part) is None:
            block[part] = {}
        block = block[part]
        if isinstance(following, int) and not isinstance(block, list):
            raise ExplainError(f"{key}: the recipe has no list at {part}.")
    _require(block, path[-1], key)
    block[path[-1]] = copy.deepcopy(value)
    return changed


def _require(block: object, part: str | int, key: str) -> None:
    """A name needs a block of keys, a place needs a list that is long enough."""
    if isinstance(part, str):
        if not isinstance(block, dict):
            raise ExplainError(
                f"{key}: the recipe has no block that could hold {part}."
            )
    elif not isinstance(block, list) or part >= len(block):
        count = len(block) if isinstance(block, list) else 0
        raise ExplainError(
            f"{key}: the list in the recipe has no place [{part}], it has {count}."
        )
