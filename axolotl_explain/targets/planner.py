"""Rows of one dataset, read and planned batch by batch; faults named by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError, at
from axolotl_explain.core.example import WHOLE, Example
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.raw_row import ROW, ReadRow, unpack
from axolotl_explain.core.training_row import DroppedRow, PlannedRow, TrainingRow
from axolotl_explain.targets.derive import Deriver
from axolotl_explain.targets.options import TargetOptions
from axolotl_explain.targets.training_rows import controlled, plan, with_outcome
from axolotl_explain.targets.usable import usable

Row = ReadRow
Batch = Mapping[str, Sequence[Any]]
Place = tuple[int, int]
"""A row of the dataset and one of its training rows, both from 0."""

WAY_OUT = "map it with explain: {columns: {long: …}}"
WAY_OUT_OF_A_FIELD = 'map it with explain: {{columns: {{long: "{{{{ {} }}}}"}}}}'
Partners = Callable[[Sequence[Place]], list[str]]
"""The places of training rows -> explanations of others at the same levels."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the training rows of a dataset; runs inside worker processes.

    Attributes:
        name: what messages call the dataset.
        read: a row -> its examples.
        skip_bad_rows: whether they are counted and left out, or stop the run.
        derive: makes levels, where the options say so.
        partners: gives the explanations of `control: mismatched`.
        unread: a row -> its columns that look like explanations and are not read.
    """

    name: str
    options: TargetOptions
    read: Callable[[Mapping[str, Any]], list[Example]]
    skip_bad_rows: bool = False
    derive: Deriver | None = None
    partners: Partners | None = None
    unread: Callable[[Row], list[str]] | None = None

    def __call__(
        self, batch: Batch, indices: Sequence[int]
    ) -> list[tuple[int, PlannedRow]]:
        """The training rows of a batch, each with the index of its row.

        Raises:
            ExplainError: naming the first row that cannot be read, and how many more of
                the batch cannot; unless bad rows are skipped.
        """
        planned: list[tuple[int, PlannedRow]] = []
        faults: list[str] = []
        for index, row in zip(indices, rows_of(batch), strict=True):
            try:
                planned += [(index, one) for one in self.row(row)]
            except ExplainError as error:
                if self.skips(error):
                    planned.append((index, dropped_for(error)))
                    continue
                faults.append(at(self.name, f"row {index + 1}", error))
        if faults:
            more = f" ({len(faults) - 1} more near it)" if faults[1:] else ""
            raise ExplainError(faults[0] + more)
        return planned if self.partners is None else self._mismatched(planned)

    def row(self, row: Row) -> list[PlannedRow]:
        """The training rows of one row, before those of others play a part.

        Raises:
            ExplainError: if it cannot be read.
        """
        return [
            one
            for example in self.examples_of(row)
            for one in self.example(row, example)
        ]

    def example(self, row: Row, example: Example) -> list[PlannedRow]:
        """The training rows of one of the examples that a row has become.

        Raises:
            ExplainError: if a level is missing and that is an error.
        """
        unread = self.unread_in(row, example)
        try:
            planned = plan(example, self.options, self.derive)
        except BadRow as error:
            hint = _unread_hint(unread) if unread else ""
            raise BadRow(f"{error}{hint}", error.reason) from None
        if unread:
            planned[0] = with_outcome(planned[0], Outcome.UNREAD)
        return planned

    def unread_in(self, row: Row, example: Example) -> list[str]:
        """The columns that may hold the explanation that an example lacks."""
        if self.unread is None or self.options.level == "none":
            return []
        if not example.explanations:
            return self.unread(row)
        # Beside levels, a column `explanation` is read by nobody.
        whole = row.get(WHOLE) if isinstance(row, Mapping) else None
        if not whole or whole in example.explanations.values():
            return []
        return [name for name in self.unread(row) if name == WHOLE]

    def examples_of(self, row: Row) -> list[Example]:
        """The examples of one row.

        Raises:
            ExplainError: if it cannot be read.
        """
        if isinstance(row, BadRow):
            raise row
        return self.read(row)

    def examples(self, batch: Batch) -> Iterator[Example]:
        """The examples of a batch as they are read; rows that cannot be left out."""
        for row in rows_of(batch):
            try:
                found = self.examples_of(row)
            except ExplainError:
                # Planning the same batch names the row, or counts it.
                continue
            for example in found:
                yield usable(example, self.options.answer_marker).example

    def skips(self, error: ExplainError) -> bool:
        """Whether a row with this error is counted and left out."""
        return isinstance(error, BadRow) and self.skip_bad_rows

    def _mismatched(
        self, planned: Sequence[tuple[int, PlannedRow]]
    ) -> list[tuple[int, PlannedRow]]:
        assert self.partners is not None
        found = list(explained(planned))
        texts = self.partners([place for _, place in found])
        changed = list(planned)
        for (position, _), text in zip(found, texts, strict=True):
            index, row = planned[position]
            assert isinstance(row, TrainingRow)
            changed[position] = (index, controlled(row, text))
        return changed


def _unread_hint(unread: Sequence[str]) -> str:
    way_out = WAY_OUT_OF_A_FIELD.format(unread[0]) if "." in unread[0] else WAY_OUT
    return f" (Nobody reads {', '.join(unread)}; {way_out}.)"


def rows_of(batch: Batch) -> Iterator[Row]:
    """The rows of a batch of columns; of a packed one, those that wait in `ROW`."""
    names = list(batch)
    if ROW not in batch:
        for values in zip(*batch.values(), strict=True):
            yield dict(zip(names, values, strict=True))
        return
    absent = dict.fromkeys(name for name in names if name != ROW)
    for raw in batch[ROW]:
        row = unpack(raw)
        yield {**absent, **row} if isinstance(row, Mapping) else row


def explained(planned: Sequence[tuple[int, PlannedRow]]) -> Iterator[tuple[int, Place]]:
    """Of planned training rows those with an explanation: where it is, its place.

    Args:
        planned: all training rows of each row, rows one after the other.
    """
    row, count = -1, 0
    for position, (index, one) in enumerate(planned):
        count = count + 1 if index == row else 0
        row = index
        if isinstance(one, TrainingRow) and one.explanation:
            yield position, (row, count)


def dropped_for(error: ExplainError) -> DroppedRow:
    """What a bad row with this error becomes."""
    reason = error.reason if isinstance(error, BadRow) else str(error)
    return DroppedRow(Outcome.BAD_ROW, reason)
