"""The training rows of one dataset in tokens: do they fit, are they cut or dropped?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from axolotl_explain.checking.outcome_findings import OutcomeFindings
from axolotl_explain.checking.row_text import most_tokens
from axolotl_explain.core.outcome import TOO_LONG, Outcome
from axolotl_explain.core.target import text_of
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.tokens.formatter import TextFormatter, Written
from axolotl_explain.tokens.join import Continuation

SHORTENED = Outcome.SHORTENED | Outcome.SHORTENED_TO_ANSWER


class PendingRow(NamedTuple):
    """A training row whose length is not known.

    Attributes:
        written: the row as text; None where the formatter writes none.
    """

    number: int
    row: TrainingRow
    written: Written | None = None


class RowLengths:
    """Takes training rows in batches, and counts what becomes of them."""

    def __init__(
        self,
        fitter: Fitter,
        outcomes: OutcomeFindings,
        lengths: list[int] | None,
        least: int = 0,
    ) -> None:
        """
        Args:
            lengths: gets the tokens of each trained row; None where nobody asks.
            least: tokens below which Axolotl drops a row (`min_sample_len`).
        """
        self.least = least
        self.fitter = fitter
        self.outcomes = outcomes
        self.lengths = lengths
        self._may_lose = fitter.formatter.may_lose
        self._asked = self._may_lose or lengths is not None or least > 0

    def is_short(self, written: Written) -> bool:
        """Whether a row needs no tokenizer: it fits with a token for each byte."""
        room = self.fitter.join.room(most_tokens(written.prompt))
        return not self._asked and most_tokens(text_of(written.target)) <= room

    def add(self, rows: Sequence[PendingRow]) -> None:
        """Measure rows; fit those that are too long as training does.

        Raises:
            ExplainError: if one cannot be written.
        """
        left = self._without_fitting(rows)
        encoded = self.fitter.formatter.encode([one.row for one in left])
        for one, (prompt, target) in zip(left, encoded, strict=True):
            row, outcome = self.fitter.fit(one.row, prompt, target)
            size = len(prompt) + len(target.ids)
            if (outcome & ~one.row.outcome) & (TOO_LONG | SHORTENED):
                self.outcomes.longest = max(self.outcomes.longest, size)
            self._count(one.number, outcome, size if row is not None else None)

    def _without_fitting(self, rows: Sequence[PendingRow]) -> list[PendingRow]:
        """The rows that must be encoded whole, once those that fit are counted."""
        formatter, join = self.fitter.formatter, self.fitter.join
        written = [one.written for one in rows if one.written is not None]
        apart = not isinstance(join, Continuation)
        if self._may_lose or apart or not isinstance(formatter, TextFormatter):
            return list(rows)
        left = []
        for one, (prompt, target) in zip(rows, formatter.sizes(written), strict=True):
            if target > join.room(prompt):
                left.append(one)
            else:
                self._count(one.number, one.row.outcome, prompt + target)
        return left

    def _count(self, number: int, outcome: Outcome, size: int | None) -> None:
        if self.lengths is not None and size is not None:
            self.lengths.append(size)
        self.outcomes.count(number, outcome)
        if size is not None and size < self.least:
            self.outcomes.drop_as_short(number, self.least)
