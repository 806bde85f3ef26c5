"""Columns that look like explanations and that a source does not read.

A table whose explanations stand in `rationale` would be trained on its answers alone,
and nothing would tell. Looked at are the names of columns that are filled.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import COLUMNS, FLAT, WHOLE, as_meta
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
LEAST_INNER_WORDS = 4
"""Of a field inside a column such as `meta`, where `reasoning: deepseek r1` may be the
name of a model."""


def unread_explanations(row: Mapping[str, Any], options: SourceOptions) -> list[str]:
    """The columns of a row, in order, that may hold an explanation nobody reads.

    >>> row = {"instruction": "Add.", "answer": "7", "rationale": "3, then 4 more."}
    >>> unread_explanations(row, SourceOptions())
    ['rationale']
    """
    found: list[str] = []
    for name, value in row.items():
        if not isinstance(name, str):
            continue
        if not LOOKS_LIKE_ONE.search(name):
            found += _inner(name, value, options)
        elif _has_words(value) and not _is_read(name, row, options):
            found.append(name)
    return found


def _inner(name: str, value: object, options: SourceOptions) -> Iterator[str]:
    """Fields of a column with fields of its own, such as `meta.explanation`."""
    if name == "meta" and isinstance(value, str):
        try:
            value = as_meta(value)
        except BadRow:
            return
    if not isinstance(value, Mapping) or _is_taken(name, options):
        return
    for key, text in value.items():
        looks = isinstance(key, str) and LOOKS_LIKE_ONE.search(key)
        if looks and _has_words(text, LEAST_INNER_WORDS):
            yield f"{name}.{key}"


def _has_words(value: object, least: int = LEAST_WORDS) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_words(one, least) for one in value)
    if isinstance(value, Mapping):
        return any(_has_words(one, least) for one in value.values())
    return isinstance(value, str) and len(value.split()) >= least


def _is_read(name: str, row: Mapping[str, Any], options: SourceOptions) -> bool:
    if options.messages is not None:
        return _is_taken(name, options) or name in COLUMNS
    if _is_taken(name, options):
        return True
    if options.preset is not None:
        return False
    return _is_used(row) if name == WHOLE else name in (*COLUMNS, *FLAT.values())


def _is_taken(name: str, options: SourceOptions) -> bool:
    """Whether the block of the dataset says that a column is read."""
    if options.preset is not None and name in _columns_of(options.preset):
        return True
    if options.messages is not None:
        return name in (options.messages.column, *TURNS)
    mapped = [
        column
        for value in (options.columns or {}).values()
        for column in ([value] if isinstance(value, str) else value)
    ]
    return any(name in column for column in mapped)


def _is_used(row: Mapping[str, Any]) -> bool:
    """Whether a row's `explanation` counts: it is a text, and there are no levels."""
    others = ("explanations", *FLAT.values())
    return isinstance(row[WHOLE], str) and not any(row.get(one) for one in others)


def _columns_of(preset: str) -> Collection[str]:
    return {name for names in PRESETS[preset].columns.values() for name in names}
