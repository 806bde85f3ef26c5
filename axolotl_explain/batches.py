"""Batches of rows -> columns of ids, and the count of what became of each row.

Every training row, also one that is dropped, keeps its outcome and level in two small
columns until all worker processes are done; then they are counted and removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from axolotl.utils.logging import get_logger

from axolotl_explain.errors import ExplainError, at
from axolotl_explain.example import Example
from axolotl_explain.fit import Fitted, Fitter
from axolotl_explain.formatter import TrainingRow
from axolotl_explain.join import Column, to_columns
from axolotl_explain.levels import LEVELS
from axolotl_explain.options import ExplainOptions
from axolotl_explain.plan import Outcome, Planned, plan

LOG = get_logger("axolotl.explain")
OUTCOME = "explain_outcome"
LEVEL = "explain_level"

Batch = Mapping[str, Sequence[Any]]


class BatchEncoder:
    """Encodes batches of rows of one dataset; runs inside worker processes."""

    def __init__(self, name: str, options: ExplainOptions, fitter: Fitter) -> None:
        self.name = name
        self.options = options
        self.fitter = fitter
        self.formatter = fitter.formatter

    def to_table(self, batch: Batch, indices: Sequence[int]) -> pa.Table:
        """A batch as an Arrow table, dropped rows included as empty ones."""
        rows = self.encode(batch, indices)
        lists = {
            name: pa.ListArray.from_arrays(
                pa.array(column.offsets), pa.array(column.values)
            )
            for name, column in to_columns([row.row for row in rows]).items()
        }
        outcomes = np.array([row.outcome for row in rows], np.uint8)
        levels = np.array([LEVELS.index(row.level) for row in rows], np.uint8)
        return pa.table({**lists, OUTCOME: outcomes, LEVEL: levels})

    def encode(self, batch: Batch, indices: Sequence[int]) -> list[Fitted]:
        """All training rows of a batch, in the order of the rows.

        Raises:
            ExplainError: naming the first row that cannot be read or written, and how
                many more of the batch cannot.
        """
        planned = self._plan(batch, indices)
        kept = [
            TrainingRow.of(one.example, one.level) for _, one in planned if one.level
        ]
        rows = iter(kept)
        try:
            encoded = iter(self.formatter.encode(kept))
        except ExplainError:
            self._blame(planned)
            raise
        return [
            Fitted(None, "none", one.outcome)
            if one.level is None
            else self.fitter.fit(next(rows), *next(encoded), one.outcome)
            for _, one in planned
        ]

    def _plan(self, batch: Batch, indices: Sequence[int]) -> list[tuple[int, Planned]]:
        planned: list[tuple[int, Planned]] = []
        faults: list[str] = []
        for position, index in enumerate(indices):
            row = {name: column[position] for name, column in batch.items()}
            try:
                for one in plan(Example.from_row(row), self.options):
                    planned.append((index, one))
            except ExplainError as error:
                faults.append(at(self.name, f"row {index + 1}", error))
        if faults:
            more = f" ({len(faults) - 1} more near it)" if faults[1:] else ""
            raise ExplainError(faults[0] + more)
        return planned

    def _blame(self, planned: Sequence[tuple[int, Planned]]) -> None:
        """Encode one by one, to name the row that a batch failed on."""
        for index, one in planned:
            if one.level is None:
                continue
            try:
                self.formatter.encode([TrainingRow.of(one.example, one.level)])
            except ExplainError as error:
                where = at(self.name, f"row {index + 1}", error)
                raise ExplainError(where) from None


def count_and_clean(dataset: Any, name: str, num_rows: int) -> Any:
    """Report what became of the rows, leave out the dropped ones and the bookkeeping.

    Args:
        dataset: a `datasets.Dataset` made of `BatchEncoder.to_table`.
        num_rows: how many rows were read.

    Raises:
        ExplainError: if no row is left to train on.
    """
    outcomes = np.asarray(dataset.data.column(OUTCOME))
    levels = np.asarray(dataset.data.column(LEVEL))
    dropped = outcomes >= Outcome.LEVEL_MISSING
    report(name, num_rows, outcomes, levels[~dropped])
    if dropped.all():
        raise ExplainError(
            f"{name}: none of {num_rows} rows is left to train on; what became of "
            f"them: {_outcomes(outcomes)}."
        )
    if dropped.any():
        dataset = dataset.select(np.flatnonzero(~dropped))
    return dataset.remove_columns([OUTCOME, LEVEL])


def report(name: str, num_rows: int, outcomes: Any, levels: Any) -> None:
    """Log one line on a dataset; a warning where rows differ from what was asked."""
    counts = Counter(int(level) for level in levels)
    per_level = ", ".join(
        f"{level} {counts[index]:,}"
        for index, level in enumerate(LEVELS)
        if counts[index]
    )
    LOG.info(f"{name}: {num_rows:,} rows -> {len(levels):,} to train on ({per_level})")
    if (outcomes != Outcome.AS_WANTED).any():
        LOG.warning(f"{name}: {_outcomes(outcomes)}")


def _outcomes(outcomes: Any) -> str:
    counts = Counter(Outcome(int(code)) for code in outcomes)
    return (
        "; ".join(
            f"{counts[outcome]:,} {outcome.label}"
            for outcome in Outcome
            if counts[outcome] and outcome != Outcome.AS_WANTED
        )
        or "no rows"
    )


class Tally:
    """Encodes a stream, whose end nobody sees: reports at the 1st, 2nd, 4th … drop."""

    def __init__(self, encoder: BatchEncoder, name: str) -> None:
        self.encoder = encoder
        self.name = name
        self.outcomes: Counter[Outcome] = Counter()
        self.reported = 0

    def __call__(
        self, batch: Batch, indices: Sequence[int]
    ) -> dict[str, list[list[int]]]:
        """One batch as lists, without the dropped rows."""
        rows = self.encoder.encode(batch, indices)
        self.outcomes.update(row.outcome for row in rows)
        changed = sum(self.outcomes.values()) - self.outcomes[Outcome.AS_WANTED]
        if changed >= max(1, 2 * self.reported):
            self.reported = changed
            codes = np.fromiter(self.outcomes.elements(), np.uint8)
            LOG.warning(f"{self.name}, streamed so far: {_outcomes(codes)}")
        return {
            name: _lists(column)
            for name, column in to_columns([row.row for row in rows if row.row]).items()
        }


def _lists(column: Column) -> list[list[int]]:
    parts = np.split(column.values, column.offsets[1:])
    return [part.tolist() for part in parts[:-1]]
