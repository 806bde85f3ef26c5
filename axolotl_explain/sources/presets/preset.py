"""A preset: what a public dataset calls its columns, and how a row is read.

Each module beside this one declares one preset. Copies of a dataset in the wild spell
its columns in their own way, so each field lists all the names it goes by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import as_text
from axolotl_explain.core.levels import Level
from axolotl_explain.sources.columns import Columns, column_text, override
from axolotl_explain.sources.draft import Draft, Several


@dataclass(frozen=True, slots=True)
class Fields:
    """One row, read by the names of the preset's fields."""

    row: Mapping[str, Any]
    names: Mapping[str, Sequence[str]]

    def value(self, name: str) -> Any:
        """What stands in a field; None where the row has no such column.

        Of several columns that could be meant, the first that is filled.
        """
        for column in self.names[name]:
            value = self.row.get(column)
            if value not in (None, "", []):
                return value
        return None

    def text(self, name: str) -> str:
        """A field as text, empty where it is missing.

        Raises:
            BadRow: if it holds a list or a mapping.
        """
        return as_text(self.value(name), name)

    def needed(self, name: str) -> str:
        """A field as text that may not be empty.

        Raises:
            BadRow: if it is, or there is no such column.
        """
        text = self.text(name)
        if text:
            return text
        names = self.names[name]
        if any(column in self.row for column in names):
            raise BadRow(f"{name}: is empty.", f"{name} is empty")
        raise BadRow(
            f"{name}: there is no column {' or '.join(names)}; the columns are "
            f"{', '.join(map(str, self.row))}.",
            f"no column {' or '.join(names)}",
        )

    def texts(self, name: str) -> list[str]:
        """A field as texts: a list of them, or one alone.

        Raises:
            BadRow: if an item holds a list or a mapping.
        """
        value = self.value(name)
        items = value if isinstance(value, list | tuple) else [value]
        return [text for item in items if (text := as_text(item, name))]


AnyAnswer = str | tuple[str, ...] | Callable[[Fields], str]


@dataclass(frozen=True, slots=True)
class Preset:
    """One public dataset.

    Attributes:
        columns: field -> the names it goes by, the published one first.
        levels: of its explanations, by their nature.
        read: the fields of a row -> its draft.
        several: what becomes of several explanations, unless the user says.
        parts: part of an example -> the field that it is read from as it stands.
        any_answer: what stands for the answer where a row is a question alone, by
            field; several, or what makes one of a row, where it has to fit.
    """

    columns: Mapping[str, Sequence[str]]
    levels: tuple[Level, ...]
    read: Callable[[Fields], Draft]
    several: Several = "draw"
    parts: Mapping[str, str] = field(default_factory=dict)
    any_answer: Mapping[str, AnyAnswer] = field(default_factory=dict)

    def draft(self, row: Mapping[str, Any], columns: Columns) -> Draft:
        """The draft of a row, parts of which the user may read from other columns.

        Raises:
            BadRow: if the row cannot be read.
            ExplainError: if a column of the user's does not exist.
        """
        if not columns:
            return self.read(Fields(row, self.columns))
        own = {
            f"\0{part}": column_text(row, part, columns[part])
            for part in columns
            if part in self.parts
        }
        names = {self.parts[key[1:]]: (key,) for key in own}
        draft = self.read(Fields({**row, **own}, {**self.columns, **names}))
        rest: Columns = {
            part: value for part, value in columns.items() if part not in self.parts
        }
        return override(draft, row, rest)
