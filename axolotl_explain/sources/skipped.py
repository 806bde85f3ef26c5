"""Rows that are left out because they cannot become examples, counted by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError, at
from axolotl_explain.core.example import Example
from axolotl_explain.sources.reader import Reader, SourceOptions, make_reader

MOST = 12
"""Reasons that are written out; the rest is a number."""


def reasons_in_words(reasons: Counter[str]) -> str:
    """The reasons with their counts, the most frequent first.

    >>> reasons_in_words(Counter(["no ####", "answer is empty", "no ####"]))
    'no #### 2, answer is empty 1'
    """
    told = [f"{reason} {count:,}" for reason, count in reasons.most_common(MOST)]
    rest = len(reasons) - len(told)
    return ", ".join([*told, f"and {rest} more reasons"] if rest > 0 else told)


class RowReader:
    """Reads rows one by one; counts bad ones, or stops at the first.

    Attributes:
        skipped: reason -> rows.
    """

    def __init__(self, options: SourceOptions, seed: int, name: str) -> None:
        self.read: Reader = make_reader(options, seed)
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
