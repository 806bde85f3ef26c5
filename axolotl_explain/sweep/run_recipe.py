"""A base recipe and the values of one run -> the recipe of that run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.support.key_path import with_value
from axolotl_explain.support.overrides import overridden
from axolotl_explain.sweep.known_keys import SAMPLES


def apply_values(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The base recipe with the values of one run.

    Args:
        values: key of the recipe, or `samples` -> value.

    Raises:
        ExplainError: naming the key that has no place.
    """
    recipe = dict(base)
    for key, value in values.items():
        if key == SAMPLES:
            recipe = _first_rows(recipe, value)
        else:
            recipe = overridden(recipe, key, value)
    # An interrupted training goes on, where the recipe saves checkpoints.
    recipe.setdefault("auto_resume_from_checkpoints", True)
    return recipe


def _first_rows(recipe: Mapping[str, Any], count: object) -> dict[str, Any]:
    """The recipe with the first rows of each dataset.

    Raises:
        ExplainError: if it is no number of rows, or a dataset takes a part already.
    """
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ExplainError(f"{SAMPLES}: {quoted(count)} is no whole number above 0.")
    made = ((recipe.get("task_data") or {}).get("sizes") or {}).get("train")
    if isinstance(made, int) and made < count:
        raise ExplainError(
            f"{SAMPLES}: {count} rows are asked for, and task_data.sizes.train makes "
            f"{made}; raise it in the recipe."
        )
    changed = dict(recipe)
    for place, entry in enumerate(recipe.get("datasets") or []):
        split = str(entry.get("split") or "train")
        if not re.fullmatch(r"\w+", split):
            raise ExplainError(
                f"{SAMPLES}: datasets[{place}] takes {split} already; remove its "
                f"split, or sweep over datasets[{place}].split."
            )
        key = f"datasets[{place}].split"
        changed = with_value(changed, key, f"{split}[:{count}]")
    return changed
