"""What training has seen of a field of meta, as far as a recipe tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.results.buckets import Range
from axolotl_explain.tasks import TASKS

LENGTH = "list_length"
MANIFEST = "manifest.json"
GIVEN = re.compile(r"(?P<name>[^=\s]+)=(?P<low>-?[\d.]+)-(?P<high>-?[\d.]+)")


def training_ranges(
    recipe: Mapping[str, Any], given: Iterable[str] = ()
) -> dict[str, Range]:
    """Field -> the range that training had.

    The list_length of generated problems stands in the recipe's `task_data`, or in the
    manifest that `axolotl explain generate` leaves beside the training data.

    Args:
        given: ranges as they are typed, `list_length=4-8`; these go before.

    Raises:
        ExplainError: if one of those cannot be read.
    """
    lengths = _generated_lengths(recipe)
    known = {} if lengths is None else {LENGTH: lengths}
    return {**known, **dict(parse_range(text) for text in given)}


def parse_range(text: str) -> tuple[str, Range]:
    """Read `list_length=4-8`.

    >>> parse_range("list_length=4-8")
    ('list_length', Range(low=4, high=8))

    Raises:
        ExplainError: if it is not of this form, or low is above high.
    """
    match = GIVEN.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        found = Range(_number(match["low"]), _number(match["high"]))
    except ValueError:
        found = Range(1, 0)
    if match is None or found.low > found.high:
        raise ExplainError(
            f"--training-range {quoted(text)}: write a field of meta, the smallest and "
            "the largest value that training had, such as list_length=4-8."
        )
    return match["name"], found


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _generated_lengths(recipe: Mapping[str, Any]) -> Range | None:
    plans = [recipe.get("task_data"), *map(_manifest, recipe.get("datasets") or [])]
    found = [one for one in map(_lengths, plans) if one is not None]
    if not found:
        return None
    return Range(min(one.low for one in found), max(one.high for one in found))


def _manifest(entry: object) -> object:
    """The plan beside a local data file; None where there is none."""
    path = entry.get("path") if isinstance(entry, Mapping) else None
    file = Path(str(path)).parent / MANIFEST
    if not path or not file.is_file():
        return None
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError:
        return None


def _lengths(plan: object) -> Range | None:
    if not isinstance(plan, Mapping) or plan.get("task") not in TASKS:
        return None
    defaults = TASKS[plan["task"]].options()
    options = plan.get("options") or {}
    low = options.get("min_length", defaults.min_length)
    high = options.get("max_length", defaults.max_length)
    return Range(low, high) if isinstance(low, int) and isinstance(high, int) else None
