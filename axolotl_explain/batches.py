"""Batches of rows -> columns of ids, and the count of what became of each row.

Every training row, also one that is dropped, keeps its outcome, its level and, where it
is bad, the reason in small columns until all worker processes are done; then they are
counted and removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from axolotl.utils.logging import get_logger

from axolotl_explain.errors import BadRow, ExplainError, at
from axolotl_explain.fit import Fitted, Fitter
from axolotl_explain.formatter import TrainingRow
from axolotl_explain.levels import LEVELS
from axolotl_explain.options import ExplainOptions
from axolotl_explain.plan import Outcome, Planned, plan
from axolotl_explain.skipped import reasons_in_words
from axolotl_explain.sources import make_reader
from axolotl_explain.tokens import Encoded, to_columns

LOG = get_logger("axolotl.explain")
IDS = ("input_ids", "attention_mask", "labels")
OUTCOME = "explain_outcome"
LEVEL = "explain_level"
REASON = "explain_reason"
EMPTY = Encoded.uniform([], 0.0)

Batch = Mapping[str, Sequence[Any]]


class BatchEncoder:
    """Encodes batches of rows of one dataset; runs inside worker processes."""

    def __init__(self, name: str, options: ExplainOptions, fitter: Fitter) -> None:
        self.name = name
        self.options = options
        self.fitter = fitter
        self.formatter = fitter.formatter
        self.read = make_reader(options, options.seed)

    def to_table(self, batch: Batch, indices: Sequence[int]) -> pa.Table:
        """A batch as an Arrow table, dropped rows included as empty ones."""
        rows = self.encode(batch, indices)
        columns = to_columns([row.encoded or EMPTY for row in rows])
        offsets = pa.array(columns["offsets"])
        lists = {
            name: pa.ListArray.from_arrays(offsets, pa.array(columns[name]))
            for name in IDS
        }
        outcomes = np.array([row.outcome for row in rows], np.uint8)
        levels = np.array([LEVELS.index(row.level) for row in rows], np.uint8)
        reasons = pa.array([row.reason for row in rows], pa.string())
        return pa.table({**lists, OUTCOME: outcomes, LEVEL: levels, REASON: reasons})

    def encode(self, batch: Batch, indices: Sequence[int]) -> list[Fitted]:
        """All training rows of a batch, in the order of the rows.

        Raises:
            ExplainError: naming the first row that cannot be read or written, and how
                many more of the batch cannot; unless bad rows are skipped.
        """
        planned = self._plan(batch, indices)
        try:
            encoded = iter(self.formatter.encode(_kept(planned)))
        except ExplainError:
            planned = self._writable(planned)
            encoded = iter(self.formatter.encode(_kept(planned)))
        rows = iter(_kept(planned))
        return [
            Fitted(None, "none", one.outcome, one.reason)
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
                for example in self.read(row):
                    planned += [(index, one) for one in plan(example, self.options)]
            except ExplainError as error:
                if self._skips(error):
                    planned.append((index, _bad(error)))
                    continue
                faults.append(at(self.name, f"row {index + 1}", error))
        if faults:
            more = f" ({len(faults) - 1} more near it)" if faults[1:] else ""
            raise ExplainError(faults[0] + more)
        return planned

    def _writable(
        self, planned: Sequence[tuple[int, Planned]]
    ) -> list[tuple[int, Planned]]:
        """Encode one by one, to name or skip the rows that a batch failed on."""
        found = []
        for index, one in planned:
            try:
                self.formatter.encode(_kept([(index, one)]))
                found.append((index, one))
            except ExplainError as error:
                if not self._skips(error):
                    where = at(self.name, f"row {index + 1}", error)
                    raise ExplainError(where) from None
                found.append((index, _bad(error)))
        return found

    def _skips(self, error: ExplainError) -> bool:
        return isinstance(error, BadRow) and self.options.skips_bad_rows


def _bad(error: ExplainError) -> Planned:
    reason = error.reason if isinstance(error, BadRow) else str(error)
    return Planned(None, None, Outcome.BAD_ROW, reason)


def _kept(planned: Sequence[tuple[int, Planned]]) -> list[TrainingRow]:
    return [
        TrainingRow.of(one.example, one.level)
        for _, one in planned
        if one.example is not None and one.level is not None
    ]


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
    counts = pa.compute.value_counts(dataset.data.column(REASON).drop_null())
    reasons = Counter({one["values"]: one["counts"] for one in counts.to_pylist()})
    report(name, num_rows, outcomes, levels[~dropped], reasons)
    if dropped.all():
        raise ExplainError(
            f"{name}: none of {num_rows} rows is left to train on; what became of "
            f"them: {_outcomes(outcomes, reasons)}."
        )
    if dropped.any():
        dataset = dataset.select(np.flatnonzero(~dropped))
    return dataset.remove_columns([OUTCOME, LEVEL, REASON])


def report(
    name: str, num_rows: int, outcomes: Any, levels: Any, reasons: Counter[str]
) -> None:
    """Log one line on a dataset; a warning where rows differ from what was asked."""
    counts = Counter(int(level) for level in levels)
    per_level = ", ".join(
        f"{level} {counts[index]:,}"
        for index, level in enumerate(LEVELS)
        if counts[index]
    )
    LOG.info(f"{name}: {num_rows:,} rows -> {len(levels):,} to train on ({per_level})")
    if (outcomes != Outcome.AS_WANTED).any():
        LOG.warning(f"{name}: {_outcomes(outcomes, reasons)}")


def _outcomes(outcomes: Any, reasons: Counter[str]) -> str:
    counts = Counter(Outcome(int(code)) for code in outcomes)
    why = {Outcome.BAD_ROW: f" ({reasons_in_words(reasons)})"}
    return (
        "; ".join(
            f"{counts[outcome]:,} {outcome.label}{why.get(outcome, '')}"
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
        self.reasons: Counter[str] = Counter()
        self.reported = 0

    def __call__(
        self, batch: Batch, indices: Sequence[int]
    ) -> dict[str, list[list[int]]]:
        """One batch as lists, without the dropped rows."""
        rows = self.encoder.encode(batch, indices)
        self.outcomes.update(row.outcome for row in rows)
        self.reasons.update(row.reason for row in rows if row.reason)
        changed = sum(self.outcomes.values()) - self.outcomes[Outcome.AS_WANTED]
        if changed >= max(1, 2 * self.reported):
            self.reported = changed
            codes = np.fromiter(self.outcomes.elements(), np.uint8)
            told = _outcomes(codes, self.reasons)
            LOG.warning(f"{self.name}, streamed so far: {told}")
        kept = [row.encoded for row in rows if row.encoded]
        if not kept:
            return {name: [] for name in IDS}
        columns = to_columns(kept)
        cuts = columns["offsets"][1:-1]
        return {
            name: [part.tolist() for part in np.split(columns[name], cuts)]
            for name in IDS
        }
