"""Which column of a table is which part of an example, guessed by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from axolotl_explain.sources.columns import Part
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.sources.unread import unread_explanations

NAMES: dict[Part, tuple[str, ...]] = {
    "instruction": (
        *("instruction", "question", "query", "problem", "prompt", "task", "ask"),
        *("source", "text", "sentence", "input"),
    ),
    "answer": (
        *(
            "answer",
            "final_answer",
            "label",
            "target",
            "gold",
            "correct",
            "correct_answer",
        ),
        *("output", "response", "completion", "result", "class", "category"),
    ),
    "input": ("input", "context", "passage", "document", "options", "choices"),
    "id": ("id",),
    "system": ("system", "system_prompt"),
}
"""Part -> names of its column, the surest first."""
LEVEL_WORDS = {
    "short": re.compile(r"short|brief|concise", re.IGNORECASE),
    "medium": re.compile(r"medium|middle", re.IGNORECASE),
    "long": re.compile(r"long|detail|full", re.IGNORECASE),
}
FILLED = 0.9
"""The share of rows in which a column must hold something."""


def guess_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """Part -> column; None where nothing looks like a question or an answer.

    A column of explanations without a word for its level is the long one, as a column
    `explanation` is.

    >>> guess_columns([{"Question": "3 + 4?", "Label": "7", "why": "3, then 4 more"}])
    {'instruction': 'Question', 'answer': 'Label', 'long': 'why'}
    """
    names = _plain(rows)
    found: dict[str, str] = {}
    for part in ("instruction", "answer", "input", "id", "system"):
        name = _named(NAMES[part], names, found.values(), rows, part)
        if name is not None:
            found[part] = name
    if not {"instruction", "answer"} <= set(found):
        return None
    return found | _explanations(rows, found)


def _plain(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns that hold texts, numbers or nothing."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [
        name
        for name in names
        if not any(isinstance(row.get(name), list | dict) for row in rows)
    ]


def _named(
    known: Iterable[str],
    names: Sequence[str],
    taken: Iterable[str],
    rows: Sequence[Mapping[str, Any]],
    part: str,
) -> str | None:
    used = set(taken)
    least = FILLED if part in ("instruction", "answer") else 0
    by_name = {
        re.sub(r"[\W_]+", "_", name.casefold()).strip("_"): name for name in names
    }
    for one in known:
        name = by_name.get(one)
        if name and name not in used and _filled(name, rows) >= least:
            return name
    return None


def _filled(name: str, rows: Sequence[Mapping[str, Any]]) -> float:
    return sum(row.get(name) not in (None, "") for row in rows) / len(rows)


def _explanations(
    rows: Sequence[Mapping[str, Any]], taken: Mapping[str, str]
) -> dict[str, str]:
    """Level -> column, of columns that look like explanations; one for each level."""
    options = SourceOptions()
    looks: dict[str, int] = {}
    for row in rows:
        for name in unread_explanations(row, options):
            looks[name] = looks.get(name, 0) + 1
        for name in row:
            if str(name).startswith("explanation") and row[name]:
                looks[name] = looks.get(name, 0) + 1
    names = [
        name
        for name in sorted(looks, key=lambda one: -looks[one])
        if "." not in name and name not in taken.values()
    ]
    found: dict[str, str] = {}
    for level, words in LEVEL_WORDS.items():
        said = [one for one in names if words.search(one)]
        if said:
            found[level] = said[0]
    rest = [name for name in names if name not in found.values()]
    if rest and "long" not in found:
        found["long"] = rest[0]
    return {
        level: found[level] for level in ("short", "medium", "long") if level in found
    }
