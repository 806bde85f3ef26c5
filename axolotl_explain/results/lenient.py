"""Read result files that may be old, cut off or edited; say what was left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.results.completion import Completion


def readable_completions(path: Path, notes: list[str]) -> list[Completion]:
    """The completions of a JSONL file, without the lines that are none.

    Args:
        notes: gets one sentence if lines were left out, with their number and the
            first reason.
    """
    completions: list[Completion] = []
    bad: list[str] = []
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                completions.append(Completion.from_dict(json.loads(line)))
            except ValueError as error:
                bad.append(f"line {number}: {error}")
    if bad:
        lines = "1 line was" if len(bad) == 1 else f"{len(bad)} lines were"
        notes.append(f"{path}: {lines} left out ({bad[0]}).")
    return completions


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
