"""Read result files that may be old, cut off or edited; say what was left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.results.record import Record


def read_records(path: Path, notes: list[str]) -> list[Record]:
    """The completions of a JSONL file.

    Args:
        notes: gets one sentence if lines were left out, with their number and the
            first reason.
    """
    records: list[Record] = []
    bad: list[str] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                records.append(Record.of(json.loads(line)))
            except ValueError as error:
                bad.append(f"line {number}: {error}")
    if bad:
        lines = "1 line was" if len(bad) == 1 else f"{len(bad)} lines were"
        notes.append(f"{path}: {lines} left out ({bad[0]}).")
    return records


def read_object(path: Path, notes: list[str]) -> dict[str, Any]:
    """A JSON or YAML file that holds an object; {} with a note where it does not."""
    try:
        text = path.read_text("utf-8", "replace")
        found = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = str(error).partition("\n")[0]
        notes.append(f"{path}: cannot be read ({reason}).")
        return {}
    if not isinstance(found, dict):
        notes.append(f"{path}: does not hold an object.")
        return {}
    return {str(key): value for key, value in found.items()}


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
