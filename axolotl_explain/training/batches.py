"""Batches of rows -> columns of ids, and the count of what became of each row.

Every training row, also one that is dropped, keeps its outcome, its level, where it
comes from and, where it is bad, the reason in small columns until all worker processes
are done; then they are counted and removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from logging import INFO, WARNING
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute
from axolotl.utils.logging import get_logger

from axolotl_explain.core.errors import ExplainError, at
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.core.outcome import (
    ASKED_FOR,
    DROPS,
    TOO_LONG,
    Outcome,
    in_words,
    is_grave,
    reasons_in_words,
    tally,
)
from axolotl_explain.core.problem import problem_number
from axolotl_explain.core.training_row import PlannedRow, TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.recipe.entry_options import held_out_changed
from axolotl_explain.targets.options import TargetOptions
from axolotl_explain.targets.planner import Batch, Planner, dropped_for
from axolotl_explain.targets.training_rows import outcomes_to_report
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.tokens.join import KINDS, Column, EncodedRow, to_columns

LOG = get_logger("axolotl.explain")
OUTCOME = "explain_outcome"
LEVEL = "explain_level"
REASON = "explain_reason"
ROW = "explain_row"
"""The place of the source row in its dataset, from 0."""
KEPT_ASIDE = (OUTCOME, LEVEL, REASON, ROW, KINDS)
PROBLEM = "explain_problem"
"""The number of the problem; stays until `val_set_size` has split the rows."""


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


def count_and_clean(
    dataset: Any, name: str, num_rows: int, settings: DatasetSettings
) -> Any:
    """Report what became of the rows, leave out the dropped ones and the bookkeeping.

    Args:
        dataset: a `datasets.Dataset` made of `BatchEncoder.to_table`.
        num_rows: how many rows were read.

    Raises:
        ExplainError: if no row is left, or one is too long that must not be.
    """
    options = settings.options
    purpose = "to train on" if settings.split == "train" else "to evaluate on"
    codes, rows = np.unique(dataset.data.column(OUTCOME), return_counts=True)
    levels = np.asarray(dataset.data.column(LEVEL))
    dropped = (np.asarray(dataset.data.column(OUTCOME)) & int(DROPS)) != 0
    counts = tally(zip(codes.tolist(), rows.tolist(), strict=True))
    found = pa.compute.value_counts(dataset.data.column(REASON).drop_null())
    reasons = Counter({one["values"]: one["counts"] for one in found.to_pylist()})
    kept = Counter(levels[~dropped].tolist())
    LOG.info(
        f"{name}: {num_rows:,} rows -> {kept.total():,} {purpose} "
        f"({_per_level(kept, options)})"
    )
    if settings.held_out and (told := held_out_changed(options)):
        LOG.warning(f"{name}: {told}")
    report(name, counts, reasons, options, len(dataset))
    if options.on_too_long == "error":
        refuse_too_long(name, counts)
    if dropped.all():
        why = in_words(counts, notes=_notes(reasons)) or "no rows"
        raise ExplainError(
            f"{name}: none of {num_rows:,} rows is left {purpose}; what became of "
            f"them: {why}."
        )
    if dropped.any():
        dataset = dataset.select(np.flatnonzero(~dropped))
    aside = [one for one in KEPT_ASIDE if one != KINDS or not settings.keeps_kinds]
    return dataset.remove_columns(aside)


def report(
    name: str,
    counts: Mapping[Outcome, int],
    reasons: Counter[str],
    options: TargetOptions,
    num_rows: int,
) -> None:
    """Log what the recipe asked for, and what it did not ask for.

    That is a warning where its share of the training rows is worth acting on.
    """
    always = outcomes_to_report(options)
    asked = {flag: rows for flag, rows in counts.items() if flag in ASKED_FOR}
    other = {flag: rows for flag, rows in counts.items() if flag not in ASKED_FOR}
    grave = any(is_grave(flag, rows, num_rows) for flag, rows in other.items())
    if told := in_words(asked, always & ASKED_FOR):
        LOG.info(f"{name}: {told}")
    if told := in_words(other, always & ~ASKED_FOR, _notes(reasons)):
        LOG.log(WARNING if grave else INFO, f"{name}: {told}")


def refuse_too_long(name: str, counts: Mapping[Outcome, int]) -> None:
    """Stop where rows are too long, as `on_too_long: error` says.

    Raises:
        ExplainError: with their number.
    """
    found = {flag: rows for flag, rows in counts.items() if flag & TOO_LONG}
    if found:
        raise ExplainError(
            f"{name}: {in_words(found)}; with explain.on_too_long: error that stops "
            "the run. Raise sequence_len, take these rows out, or set on_too_long: "
            "drop or shorten."
        )


def _per_level(counts: Mapping[int, int], options: TargetOptions) -> str:
    multitask = options.order == "multitask"
    names = [
        level if not multitask else "predict" if level == "none" else f"explain {level}"
        for level in LEVELS
    ]
    return ", ".join(
        f"{name} {counts[index]:,}"
        for index, name in enumerate(names)
        if index in counts
    )


def _notes(reasons: Counter[str]) -> dict[Outcome, str]:
    return {Outcome.BAD_ROW: f" ({reasons_in_words(reasons)})"}


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
