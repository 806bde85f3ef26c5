"""A table with columns of one's own -> drafts: `explain: {columns: {long: reason}}`.

Each part of an example is named with the column that holds it, or with a sandboxed
jinja2 template over all columns (a value with `{{` or `{%`). A level may be given a
list of columns, or a column that holds a list: several explanations. Parts that are not
named are read from the columns of the canonical row, where those are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.example import FLAT, WHOLE, Example, as_text
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.core.template import compile_template, render
from axolotl_explain.sources.draft import Draft

Part = Literal[
    "instruction", "input", "answer", "short", "medium", "long", "id", "system", "level"
]
PARTS: tuple[Part, ...] = get_args(Part)
WHERE = "explain.columns"

Columns = Mapping[Any, str | list[str]]
"""Part -> column, template, or columns."""


def is_template(value: str) -> bool:
    """Whether a value is a template and no name of a column."""
    return "{{" in value or "{%" in value


def check_columns(columns: Columns) -> None:
    """Refuse templates that cannot be compiled, before any row is read.

    Raises:
        ExplainError: naming the key.
    """
    for part, value in columns.items():
        for one in [value] if isinstance(value, str) else value:
            if is_template(one):
                compile_template(one, f"{WHERE}.{part}")


def read_columns(row: Mapping[str, Any], columns: Columns) -> Draft:
    """The draft of a row whose columns are mapped.

    Raises:
        BadRow: if a part is empty that is needed, or a list where a text is needed.
        ExplainError: if a column does not exist, or a template fails.
    """
    mapped = explained(columns)
    canonical = {
        name: value
        for name, value in row.items()
        if not (mapped and name in ("explanations", WHOLE, *FLAT.values()))
        and not (name == WHOLE and WHOLE in columns.values())
    }
    texts = {
        part: column_text(row, part, columns[part])
        for part in columns
        if part not in EXPLAINED
    }
    draft = Draft.of(Example.from_row({**canonical, **texts}))
    return override(draft, row, {level: columns[level] for level in mapped})


def override(draft: Draft, row: Mapping[str, Any], columns: Columns) -> Draft:
    """A draft with single parts taken from columns of the row.

    Raises:
        BadRow, ExplainError: as `read_columns`.
    """
    levels = explained(columns)
    texts: dict[str, Any] = {
        part: column_text(row, part, columns[part])
        for part in columns
        if part not in levels
    }
    if levels:
        own = {level: column_texts(row, level, columns[level]) for level in levels}
        texts["explanations"] = {**draft.explanations, **own}
        texts["steps"] = ()
    return replace(draft, **texts)


def explained(columns: Columns) -> list[Level]:
    """The levels that are named."""
    return [level for level in EXPLAINED if level in columns]


def column_text(row: Mapping[str, Any], part: str, value: str | list[str]) -> str:
    """One part of an example as text; an empty value leaves the part empty.

    Raises:
        BadRow, ExplainError: as `read_columns`.
    """
    if not isinstance(value, str):
        raise ExplainError(
            f"{WHERE}.{part}: {quoted(value)} is a list; name one column, or write a "
            "template."
        )
    if not value:
        return ""
    if is_template(value):
        names = {"row": row, **row}
        return render(value, names, f"{WHERE}.{part}").strip()
    return as_text(_cell(row, part, value), value)


def column_texts(
    row: Mapping[str, Any], part: str, value: str | list[str]
) -> Sequence[str]:
    """The explanations that one or several columns hold, as texts or lists of them.

    Raises:
        BadRow, ExplainError: as `read_columns`.
    """
    found = []
    for one in [value] if isinstance(value, str) else value:
        cell = None if is_template(one) or not one else _cell(row, part, one)
        if isinstance(cell, list | tuple):
            found += [as_text(text, one) for text in cell]
        else:
            found.append(column_text(row, part, one))
    return found


def _cell(row: Mapping[str, Any], part: str, name: str) -> Any:
    if name not in row:
        raise ExplainError(
            f"{WHERE}.{part}: there is no column {quoted(name)}; the columns are "
            f"{', '.join(map(str, row))}."
        )
    return row[name]
