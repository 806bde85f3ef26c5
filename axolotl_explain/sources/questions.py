"""Rows that are questions alone -> examples whose answer is empty.

Every source is read as in training. A row that has an answer keeps it; one that has
none is read with any answer in its place, which is then taken out again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import FLAT, WHOLE, Example
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.sources.columns import is_template
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.presets.preset import Fields
from axolotl_explain.sources.reader import make_reader
from axolotl_explain.sources.turns import COLUMNS, read_turns

ANY = "-"
"""Stands for an answer while a row is read."""

Row = Mapping[str, Any]


def read_question(options: SourceOptions, seed: int, row: Row) -> list[Example]:
    """The example of a row, whose answer may be missing.

    Raises:
        BadRow: if the row lacks anything else, or its answer cannot be read.
        ExplainError: if a column that the options name does not exist.
    """
    try:
        return make_reader(options, seed)(row)[:1]
    except ExplainError:
        completed = list(_completed(options, row))
        if not completed:
            raise
    for place, (own, one) in enumerate(completed, start=1):
        try:
            found = make_reader(own, seed)(one)[0]
        except BadRow:
            if place == len(completed):
                raise
        else:
            return [replace(found, answer="", explanations={}, steps=())]
    return []


def _completed(options: SourceOptions, row: Row) -> Iterator[tuple[SourceOptions, Row]]:
    """The row with any answer in it, as options read it; nothing where it has one."""
    if options.preset is not None:
        yield from _of_preset(options, row)
    elif options.messages is not None:
        yield from _of_messages(options, row)
    elif not _answered(options, row):
        columns = options.columns
        if columns is not None:
            columns = {
                part: name
                for part, name in columns.items()
                if part != "answer" and part not in EXPLAINED
            }
        kept = {
            name: value
            for name, value in row.items()
            if name not in ("explanations", WHOLE, *FLAT.values())
        }
        own = options.model_copy(update={"columns": columns})
        yield own, {**kept, "answer": ANY}


def _answered(options: SourceOptions, row: Row) -> bool:
    """Whether a canonical row, or one with columns of the user's own, has an answer."""
    named = (options.columns or {}).get("answer", "answer")
    if isinstance(named, str) and not is_template(named):
        return _filled(row.get(named))
    return False


def _of_preset(options: SourceOptions, row: Row) -> Iterator[tuple[SourceOptions, Row]]:
    preset = PRESETS[str(options.preset)]
    own = (options.columns or {}).get("answer")
    if isinstance(own, str) and not is_template(own) and _filled(row.get(own)):
        return
    columns = {
        part: name
        for part, name in (options.columns or {}).items()
        if part != "answer" and part not in EXPLAINED
    }
    without = options.model_copy(update={"columns": columns or None})
    names = [name for field in preset.any_answer for name in preset.columns[field]]
    if own is None and any(_filled(row.get(name)) for name in names):
        return
    turns = [name for name in preset.columns.get("conversations", ()) if row.get(name)]
    if turns:
        if answered := _with_turn(row, turns[0]):
            yield without, answered
        return
    for field, given in preset.any_answer.items():
        values = given(Fields(row, preset.columns)) if callable(given) else given
        several = (values,) if isinstance(values, str) else values
        for value in several:
            yield without, {**row, preset.columns[field][0]: value}


def _of_messages(
    options: SourceOptions, row: Row
) -> Iterator[tuple[SourceOptions, Row]]:
    messages = options.messages
    assert messages is not None
    candidates = (messages.column,) if messages.column else COLUMNS
    column = next((name for name in candidates if row.get(name)), None)
    if column is None or not (answered := _with_turn(row, column)):
        return
    plain = messages.model_copy(update={"explanation": "auto", "separator": None})
    yield options.model_copy(update={"messages": plain}), answered


def _with_turn(row: Row, column: str) -> Row | None:
    """A conversation that ends in a question, with a turn behind it; else None."""
    roles = [role for role, _, _ in read_turns(row, column)]
    if not roles or roles[-1] != "user":
        return None
    last = row[column][-1]
    answer = (
        {"from": "gpt", "value": ANY}
        if "from" in last
        else {"role": "assistant", "content": ANY}
    )
    return {**row, column: [*row[column], answer]}


def _filled(value: object) -> bool:
    missing = isinstance(value, float) and math.isnan(value)
    return value not in (None, "", []) and not missing
