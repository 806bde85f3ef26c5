"""Tokens of training rows, of all or of a seeded sample of each dataset."""

from __future__ import annotations

import numpy as np

from axolotl_explain.core.draws import uniform
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.training.micro_batches import DRAWN, RowTokens

MOST_MEASURED = 2_000
"""Rows of one dataset that are tokenised to know their lengths."""


class TargetLengths:
    """Sees the training rows while datasets are scanned.

    Attributes:
        wanted: whether anybody will read lengths.
        explained: whether a row with an explanation was seen.
    """

    def __init__(self, wanted: bool = False) -> None:
        self.wanted = wanted
        self.explained = False
        self._share = 0.0
        self._name = ""
        self._waiting: list[TrainingRow] = []
        self._rows: list[tuple[int, int]] = []
        self._stand_for: list[float] = []

    def begin(self, name: str, num_rows: int) -> None:
        """A dataset that is trained follows; a sample of it is taken where it has more
        than MOST_MEASURED rows."""
        self._name = name
        self._share = min(1.0, MOST_MEASURED / max(num_rows, 1))

    def see(self, number: int, row: TrainingRow) -> None:
        """Take a training row of the dataset; outside of one, nothing happens.

        Args:
            number: that of its source row.
        """
        if not self._share:
            return
        self.explained |= bool(row.explanation)
        drawn = uniform(0, "target lengths", self._name, number) < self._share
        if self.wanted and drawn:
            self._waiting.append(row)

    def end(self, fitter: Fitter | None) -> None:
        """The dataset is over; its rows are measured.

        Args:
            fitter: None where there is no tokenizer.
        """
        rows, self._waiting = self._waiting, []
        share, self._share = self._share, 0.0
        if fitter is None or not rows:
            return
        try:
            encoded = fitter.formatter.encode(rows)
        except ExplainError:
            return  # A row that cannot be written is a finding of its own.
        for row, (prompt, target) in zip(rows, encoded, strict=True):
            fitted, _ = fitter.fit(row, prompt, target)
            if fitted is not None:
                read = fitter.join.num_read(len(prompt), fitted)
                self._rows.append((max(len(fitted.input_ids), read), read))
                self._stand_for.append(1.0 / share)

    @property
    def rows(self) -> RowTokens:
        """All that were measured; where samples were taken, rows in the proportions of
        the whole, some of them several times."""
        found = np.array(self._rows, np.int64).reshape(-1, 2)
        weight = np.array(self._stand_for)
        if len(found) and weight.max() > 1:
            places = (np.arange(DRAWN) + 0.5) * weight.sum() / DRAWN
            found = found[np.searchsorted(np.cumsum(weight), places)]
        return RowTokens(found[:, 0], found[:, 1])
