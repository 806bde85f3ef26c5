"""Batches of rows -> columns of ids, and what became of each row.

Every training row, also one that is dropped, keeps its outcome, its level, where it
comes from and, where it is bad, the reason in small columns until all worker processes
are done; then they are counted and removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from axolotl_explain.core.errors import ExplainError, at
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.core.outcome import Outcome, tally
from axolotl_explain.core.problem import problem_number
from axolotl_explain.core.training_row import PlannedRow, TrainingRow
from axolotl_explain.targets.planner import Batch, Planner, dropped_for
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.tokens.join import KINDS, Column, EncodedRow, to_columns
from axolotl_explain.training.row_columns import LEVEL, OUTCOME, PROBLEM, REASON, ROW
from axolotl_explain.training.row_counts import refuse_too_long, report


class Trained(NamedTuple):
    """A training row of a batch; `encoded` is None where it is dropped.

    Attributes:
        place: that of its source row in the dataset, from 0.
        reason: why a bad row is skipped.
        problem: its number, where rows are split by it; else 0.
    """

    place: int
    encoded: EncodedRow | None
    level: Level
    outcome: Outcome
    reason: str | None = None
    problem: int = 0


class BatchEncoder:
    """Encodes batches of rows of one dataset; runs inside worker processes."""

    def __init__(
        self, planner: Planner, fitter: Fitter, keeps_problem: bool = False
    ) -> None:
        """
        Args:
            keeps_problem: whether rows keep the number of their problem.
        """
        self.keeps_problem = keeps_problem
        self.planner = planner
        self.options = planner.options
        self.fitter = fitter
        self.formatter = fitter.formatter

    def to_table(self, batch: Batch, indices: Sequence[int]) -> pa.Table:
        """A batch as an Arrow table, dropped rows included as empty ones."""
        found = self.encode(batch, indices)
        encoded = [one.encoded for one in found]
        lists = {
            name: pa.ListArray.from_arrays(
                pa.array(column.offsets), pa.array(column.values)
            )
            for name, column in to_columns(encoded, self.train_on_inputs).items()
        }
        aside = {
            OUTCOME: np.array([one.outcome for one in found], np.uint32),
            LEVEL: np.array([LEVELS.index(one.level) for one in found], np.uint8),
            REASON: pa.array([one.reason for one in found], pa.string()),
            ROW: np.array([one.place for one in found], np.int64),
        }
        if self.keeps_problem:
            aside[PROBLEM] = np.array([one.problem for one in found], np.int64)
        return pa.table({**lists, **aside})

    def encode(self, batch: Batch, indices: Sequence[int]) -> list[Trained]:
        """All training rows of a batch in their order, dropped ones included.

        Raises:
            ExplainError: naming the first row that cannot be read or written, and how
                many more of the batch cannot; unless bad rows are skipped.
        """
        planned = self.planner(batch, indices)
        try:
            encoded = iter(self.formatter.encode(_kept(planned)))
        except ExplainError:
            planned = self._writable(planned)
            encoded = iter(self.formatter.encode(_kept(planned)))
        return [
            self._fitted(index, row, *next(encoded))
            if isinstance(row, TrainingRow)
            else Trained(index, None, "none", row.outcome, row.reason)
            for index, row in planned
        ]

    @property
    def train_on_inputs(self) -> bool:
        """Whether the loss reads prompts too."""
        return self.fitter.join.train_on_inputs

    def _fitted(
        self, index: int, row: TrainingRow, prompt: list[int], target: Encoded
    ) -> Trained:
        encoded, outcome = self.fitter.fit(row, prompt, target)
        problem = problem_number(row.example) if self.keeps_problem else 0
        return Trained(index, encoded, row.level, outcome, problem=problem)

    def _writable(
        self, planned: Sequence[tuple[int, PlannedRow]]
    ) -> list[tuple[int, PlannedRow]]:
        """Encode one by one, to name or skip the rows that a batch failed on."""
        found: list[tuple[int, PlannedRow]] = []
        for index, row in planned:
            try:
                self.formatter.encode(_kept([(index, row)]))
                found.append((index, row))
            except ExplainError as error:
                if not self.planner.skips(error):
                    where = at(self.planner.name, f"row {index + 1}", error)
                    raise ExplainError(where) from None
                found.append((index, dropped_for(error)))
        return found


def _kept(planned: Sequence[tuple[int, PlannedRow]]) -> list[TrainingRow]:
    return [row for _, row in planned if isinstance(row, TrainingRow)]


class Tally:
    """Encodes a stream, whose end nobody sees: reports at change 1, 2, 4, 8 …"""

    def __init__(
        self, encoder: BatchEncoder, refuses_too_long: bool, keeps_kinds: bool
    ) -> None:
        self.encoder = encoder
        self.keeps_kinds = keeps_kinds
        self.refuses_too_long = refuses_too_long
        self.name = encoder.planner.name
        self.outcomes: Counter[int] = Counter()
        self.reasons: Counter[str] = Counter()
        self.reported = 0

    def __call__(
        self, batch: Batch, indices: Sequence[int]
    ) -> dict[str, list[list[int]]]:
        """One batch as lists, without the dropped rows."""
        rows = self.encoder.encode(batch, indices)
        self.outcomes.update(int(row.outcome) for row in rows)
        self.reasons.update(row.reason for row in rows if row.reason)
        changed = self.outcomes.total() - self.outcomes[Outcome.AS_WANTED]
        if changed >= max(1, 2 * self.reported):
            self.reported = changed
            name = f"{self.name}, streamed so far"
            counts = tally(self.outcomes.items())
            rows_so_far = self.outcomes.total()
            report(name, counts, self.reasons, self.encoder.options, rows_so_far)
            if self.refuses_too_long:
                refuse_too_long(self.name, counts)
        kept = [row.encoded for row in rows if row.encoded]
        columns = to_columns(kept, self.encoder.train_on_inputs)
        if not self.keeps_kinds:
            del columns[KINDS]
        return {name: _lists(column) for name, column in columns.items()}


def _lists(column: Column) -> list[list[int]]:
    parts = np.split(column.values, column.offsets[1:])
    return [part.tolist() for part in parts[:-1]]
