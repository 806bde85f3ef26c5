"""Columns that look like explanations and that a source does not read.

A table whose explanations stand in `rationale` would be trained on its answers alone,
and nothing would tell. Looked at are the names of columns that are filled.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from axolotl_explain.core.example import COLUMNS, FLAT, WHOLE
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.turns import COLUMNS as TURNS

LOOKS_LIKE_ONE = re.compile(
    r"expl(?:[ai]+n|s?(?:$|[\W_]))|rational|reason|begründ|erklär|analys[ie]s|"
    r"solution|justif|think|thought|chain.?of|"
    r"(?:^|[\W_])(?:co?ts?|steps?|proof|deriv\w*|working|why|trace|scratchpad)(?:$|[\W_])",
    re.IGNORECASE,
)
LEAST_WORDS = 2


def unread_explanations(row: Mapping[str, Any], options: SourceOptions) -> list[str]:
    """The columns of a row, in order, that may hold an explanation nobody reads.

    >>> row = {"instruction": "Add.", "answer": "7", "rationale": "3, then 4 more."}
    >>> unread_explanations(row, SourceOptions())
    ['rationale']
    """
    return [
        name
        for name, value in row.items()
        if isinstance(name, str)
        and LOOKS_LIKE_ONE.search(name)
        and _has_words(value)
        and not _is_read(name, row, options)
    ]


def _has_words(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_words, value))
    if isinstance(value, Mapping):
        return any(map(_has_words, value.values()))
    return isinstance(value, str) and len(value.split()) >= LEAST_WORDS


def _is_read(name: str, row: Mapping[str, Any], options: SourceOptions) -> bool:
    if options.preset is not None and name in _columns_of(options.preset):
        return True
    if options.messages is not None:
        return name in (options.messages.column, *TURNS, *COLUMNS)
    mapped = [
        column
        for value in (options.columns or {}).values()
        for column in ([value] if isinstance(value, str) else value)
    ]
    if any(name in column for column in mapped):
        return True
    if options.preset is not None:
        return False
    return _is_used(row) if name == WHOLE else name in (*COLUMNS, *FLAT.values())


def _is_used(row: Mapping[str, Any]) -> bool:
    """Whether a row's `explanation` counts: it is a text, and there are no levels."""
    others = ("explanations", *FLAT.values())
    return isinstance(row[WHOLE], str) and not any(row.get(one) for one in others)


def _columns_of(preset: str) -> Collection[str]:
    return {name for names in PRESETS[preset].columns.values() for name in names}
