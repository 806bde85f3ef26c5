"""What data were prepared from, noted beside them, so that they outlive the raw rows.

Axolotl finds prepared data by a key that holds the digests of the raw files. On another
machine these may not be there; then the digests that are noted take their place, and
what was prepared with the very same options is found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.recipe.files import digests_by_name
from axolotl_explain.support.whole_file import write_whole

DEFAULT_FOLDER = "last_run_prepared"
"""Axolotl's own where a recipe has no `dataset_prepared_path`."""

NAME = "axolotl_explain_files.json"

Digests = Mapping[str, Mapping[str, str]]
"""Name or pattern in a recipe -> file -> SHA-256."""


def noted_digests(recipe: Mapping[str, Any]) -> Digests:
    """What is noted beside the prepared data of a recipe; empty where nothing is."""
    try:
        content = json.loads(_file(recipe).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def note_digests(
    recipe: Mapping[str, Any], entry: Mapping[str, Any], known: Mapping[str, str]
) -> None:
    """Note the files that an entry has just been prepared from.

    Args:
        known: their digests.
    """
    file = _file(recipe)
    found = digests_by_name(entry, known)
    before = noted_digests(recipe)
    if found and {**before, **found} != before:
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {**before, **found}
        write_whole(file, json.dumps(content, indent=1, sort_keys=True))


def _file(recipe: Mapping[str, Any]) -> Path:
    return Path(str(recipe.get("dataset_prepared_path") or DEFAULT_FOLDER)) / NAME
