"""Checks of a recipe's YAML alone, before Axolotl reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from axolotl_explain.checking.finding import Finding
from axolotl_explain.recipe.files import missing_file
from axolotl_explain.recipe.prepared_from import noted_digests

LISTS = ("datasets", "test_datasets")
PLUGIN = "axolotl_explain.ExplainPlugin"


def repeated_keys(source: str) -> Iterator[Finding]:
    """Keys that stand twice in one block: YAML keeps the last one in silence."""
    root = yaml.compose(source, Loader=yaml.SafeLoader)
    waiting = [("", root)]
    seen: set[int] = set()
    while waiting:
        where, node = waiting.pop()
        # An alias may stand inside of what it names.
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += [(f"{where}[{at}]", one) for at, one in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            continue
        lines: dict[str, int] = {}
        for key, value in node.value:
            path = f"{where}.{key.value}" if where else str(key.value)
            line = key.start_mark.line + 1
            if path in lines:
                yield Finding("duplicate-key", path, f"lines {lines[path]} and {line}")
            lines[path] = line
            waiting.append((path, value))


def dataset_entries(recipe: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(key path, entry) of every dataset entry."""
    for name in LISTS:
        for index, entry in enumerate(recipe.get(name) or []):
            yield f"{name}[{index}]", entry


def malformed(recipe: Mapping[str, Any]) -> Iterator[Finding]:
    """Keys that need a list and have none, which nothing further could read."""
    for name in (*LISTS, "plugins"):
        value = recipe.get(name)
        if value is None:
            continue
        if not isinstance(value, list):
            yield Finding("axolotl-refuses", name, "a list is needed, one `- ` a line.")
        elif name in LISTS:
            for index, entry in enumerate(value):
                yield from _malformed_entry(f"{name}[{index}]", entry)


def _malformed_entry(where: str, entry: object) -> Iterator[Finding]:
    if not isinstance(entry, Mapping):
        yield Finding("axolotl-refuses", where, "a block is needed.")
    elif not isinstance(entry.get("data_files") or "", str | list):
        message = "a file or a list of files is needed."
        yield Finding("axolotl-refuses", f"{where}.data_files", message)


def needs_plugin(recipe: Mapping[str, Any]) -> bool:
    """Whether something in a recipe is read by our plugin, which it does not load."""
    ours = recipe.get("explain") is not None or any(
        str(entry.get("type")).startswith("axolotl_explain")
        for _, entry in dataset_entries(recipe)
    )
    loaded = any(
        str(name).startswith("axolotl_explain.") for name in recipe.get("plugins") or []
    )
    return ours and not loaded


def missing_files(recipe: Mapping[str, Any]) -> Iterator[Finding]:
    """Files and folders that a recipe names and that are not there.

    Rows may be prepared already; where that is noted, their files are asked for later.
    """
    noted = noted_digests(recipe)
    for where, entry in dataset_entries(recipe):
        if not entry.get("path") and not entry.get("data_files"):
            yield Finding("file-missing", f"{where}.path", "is not set.")
        missing = missing_file(entry)
        if missing and missing.path not in noted:
            yield Finding("file-missing", f"{where}.{missing.key}", missing.path)
    for key in ("base_model", "tokenizer_config"):
        missing = missing_file({"path": recipe.get(key)})
        if missing:
            yield Finding("file-missing", key, missing.path)
