"""One row -> its examples, as the options say; bad rows are counted or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError, at
from axolotl_explain.core.example import Example
from axolotl_explain.core.outcome import reasons_in_words
from axolotl_explain.sources.columns import Columns, read_columns
from axolotl_explain.sources.draft import Draft, Several
from axolotl_explain.sources.messages import read_messages
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.sources.presets import PRESETS

Reader = Callable[[Mapping[str, Any]], list[Example]]
"""A row -> its examples; `BadRow` where it cannot become one."""


def make_reader(options: SourceOptions, seed: int) -> Reader:
    """The reader of a source; it can be sent to another process.

    Args:
        seed: of the draw among several explanations.
    """
    several = options.several_explanations
    if options.preset is not None:
        several = several or PRESETS[options.preset].several
        draft = partial(_from_preset, options.preset, options.columns or {})
    elif options.columns is not None:
        draft = partial(read_columns, columns=options.columns)
    elif options.messages is not None:
        draft = partial(read_messages, options=options.messages)
    else:
        return _canonical
    return partial(_examples, draft, several or "draw", seed)


def _canonical(row: Mapping[str, Any]) -> list[Example]:
    return [Example.from_row(row)]


def _from_preset(name: str, columns: Columns, row: Mapping[str, Any]) -> Draft:
    return PRESETS[name].draft(row, columns)


def _examples(
    draft: Callable[[Mapping[str, Any]], Draft],
    several: Several,
    seed: int,
    row: Mapping[str, Any],
) -> list[Example]:
    return draft(row).examples(several, seed)


class RowReader:
    """Reads rows one by one; counts bad ones, or stops at the first.

    Args:
        read: another way than `make_reader` gives.

    Attributes:
        skipped: reason -> rows.
    """

    def __init__(
        self,
        options: SourceOptions,
        seed: int,
        name: str,
        read: Reader | None = None,
    ) -> None:
        self.read: Reader = read or make_reader(options, seed)
        self.skips = options.skips_bad_rows
        self.name = name
        self.skipped: Counter[str] = Counter()

    def __call__(self, number: int, row: Mapping[str, Any] | BadRow) -> list[Example]:
        """The examples of a row, none where it is skipped.

        Args:
            number: of the row in its file, from 1.
            row: or why there is none.

        Raises:
            ExplainError: naming file, row and field, unless bad rows are skipped.
        """
        try:
            if isinstance(row, BadRow):
                raise row
            return self.read(row)
        except ExplainError as error:
            if self.skips and isinstance(error, BadRow):
                self.skipped[error.reason] += 1
                return []
            raise ExplainError(at(self.name, f"row {number}", error)) from None

    def all(
        self, rows: Iterable[Mapping[str, Any] | BadRow]
    ) -> Iterable[list[Example]]:
        """The examples of each row, in order."""
        for number, row in enumerate(rows, start=1):
            yield self(number, row)

    @property
    def summary(self) -> str:
        """What was skipped, in words; empty where nothing was."""
        if not self.skipped:
            return ""
        return (
            f"{self.skipped.total():,} rows skipped: {reasons_in_words(self.skipped)}"
        )
