"""One dataset, row by row: all checks of its rows in one pass.

Rows go through the same reader, plan and formatter as in training, so what is checked
is what is trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.checking.across_rows import AcrossRows
from axolotl_explain.checking.agreement import contradictions
from axolotl_explain.checking.characters import TextCheck, check_texts
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.finding import FindingCollector, RowFinding
from axolotl_explain.checking.leaks import answer_leak, explanation_leak
from axolotl_explain.checking.meta_leaks import MetaLeaks
from axolotl_explain.checking.outcome_findings import OutcomeFindings
from axolotl_explain.checking.roles import (
    bare_answers,
    inner_markers,
    unwritten_answer,
    wrapped_answer,
)
from axolotl_explain.checking.row_lengths import PendingRow, RowLengths
from axolotl_explain.checking.row_text import check_answer, check_ending
from axolotl_explain.checking.target_lengths import TargetLengths
from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.raw_row import ReadRow, UnreadableRow
from axolotl_explain.core.target import TargetFormat, text_of
from axolotl_explain.core.training_row import DroppedRow, PlannedRow, TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.targets.planner import Planner, rows_of
from axolotl_explain.targets.usable import usable
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.tokens.formatter import TextFormatter
from axolotl_explain.tokens.join import Continuation

BATCH = 1_000
ProblemCheck = Callable[[CheckedProblem, TargetFormat], Iterator[RowFinding]]
PROBLEM_CHECKS: tuple[ProblemCheck, ...] = (
    answer_leak,
    explanation_leak,
    contradictions,
    wrapped_answer,
    unwritten_answer,
    bare_answers,
    inner_markers,
)
UNWRITABLE = {"answer": "answer-not-extractable", "explain.template": "template-faulty"}
"""Place that an error names first -> code of the finding."""


@dataclass(slots=True)
class ScanContext:
    """What the scans of all datasets of a recipe have in common.

    Attributes:
        packed: whether training packs its rows.
        too_many: whether there are too many rows to count all their tokens.
        lengths: tokens of each training row, where rows are packed and few.
        targets: sees the training rows of each dataset.
        least: tokens below which Axolotl drops a row (`min_sample_len`).
    """

    findings: FindingCollector
    duplicates: Duplicates
    text_checks: tuple[TextCheck, ...]
    packed: bool = False
    too_many: bool = False
    lengths: list[int] = field(default_factory=list)
    targets: TargetLengths = field(default_factory=TargetLengths)
    least: int = 0


class DatasetScan:
    """Takes the rows of one dataset entry."""

    def __init__(
        self,
        where: str,
        settings: DatasetSettings,
        planner: Planner,
        fitter: Fitter | None,
        shared: ScanContext,
    ) -> None:
        """
        Args:
            fitter: None where there is no tokenizer; then nothing is written.
        """
        self.where = where
        self.settings = settings
        self.planner = planner
        self.shared = shared
        self.findings = shared.findings
        self.across_rows = AcrossRows(shared.findings, where)
        self.meta_leaks = MetaLeaks(shared.findings, where)
        self.num_rows = 0
        self.outcomes = OutcomeFindings(
            shared.findings, where, settings.options.on_too_long == "error"
        )
        counted = shared.packed and not shared.too_many and settings.split == "train"
        self._lengths = None
        if fitter is not None:
            asked = shared.lengths if counted else None
            self._lengths = RowLengths(fitter, self.outcomes, asked, shared.least)
        self._layout = settings.options.layout
        self._faulty = False

    def rows(self, batch: Mapping[str, Sequence[Any]], start: int) -> None:
        """One batch of columns; `start` is the index of its first row."""
        ready: list[PendingRow] = []
        for number, row in enumerate(rows_of(batch), start + 1):
            ready += self._read(number, row)
            self.num_rows += 1
        if self._lengths is not None:
            self._write(ready, self._lengths)

    def finish(self) -> None:
        """Report what shows only at the end."""
        self.outcomes.finish(self.num_rows)
        self.across_rows.finish()
        self.meta_leaks.finish()
        planned, dropped = self.outcomes.num_planned, self.outcomes.num_dropped
        if not self.num_rows:
            self.findings.add("no-rows", self.where, "it is empty.")
        elif dropped == planned and not self._faulty:
            message = f"of {self.num_rows:,} rows none is left."
            self.findings.add("nothing-left", self.where, message)

    def _read(self, number: int, row: ReadRow) -> Iterator[PendingRow]:
        """The training rows of one row, which is checked as text on the way."""
        try:
            examples = self.planner.examples_of(row)
        except ExplainError as error:
            damaged = isinstance(error, UnreadableRow)
            code = "data-unreadable" if damaged else "row-unreadable"
            self._bad(number, code, error)
            return
        for example in examples:
            try:
                planned = self.planner.example(row, example)
            except ExplainError as error:
                self._bad(number, "level-missing", error)
                continue
            bare = self._bare(example, planned[0].outcome)
            unread = self.planner.unread_in(row, bare)
            self.outcomes.unread.update(dict.fromkeys(unread))
            self._check_problem(number, bare, planned)
            for one in planned:
                self.outcomes.num_planned += 1
                if isinstance(one, TrainingRow):
                    self.shared.targets.see(number, one)
                    yield PendingRow(number, one)
                if self._lengths is None or isinstance(one, DroppedRow):
                    self.outcomes.count(number, one.outcome)

    def _bare(self, example: Example, outcome: Outcome) -> Example:
        """The example as it was planned, without what only looks like explanations."""
        if not outcome & (Outcome.PLACEHOLDER | Outcome.ANSWER_LINE_CUT):
            return example
        return usable(example, self.planner.options.answer_marker).example

    def _check_problem(
        self, number: int, example: Example, planned: Sequence[PlannedRow]
    ) -> None:
        used = {one.level for one in planned if isinstance(one, TrainingRow)}
        texts = {lv: text for lv, text in example.explanations.items() if lv in used}
        problem = CheckedProblem(example, texts)
        for finding in check_texts(problem.texts, self.shared.text_checks):
            self._add(number, finding)
        layout = self._layout
        for check in PROBLEM_CHECKS:
            for finding in check(problem, layout):
                self._add(number, finding)
        self.across_rows.add(number, problem, layout)
        test = self.settings.split == "test"
        self.shared.duplicates.add(self.where, number, problem, test)

    def _write(self, ready: Sequence[PendingRow], lengths: RowLengths) -> None:
        """Write rows as text, and measure those that may be too long."""
        rows = [left for one in ready if (left := self._unsettled(one, lengths))]
        try:
            lengths.add(rows)
        except ExplainError as error:
            # Without texts (mistral_common), rows are written here for the first time.
            self._bad(rows[0].number, "row-unwritable", error)

    def _unsettled(self, one: PendingRow, lengths: RowLengths) -> PendingRow | None:
        """Check a row as text; None where it needs not be measured."""
        formatter, join = lengths.fitter.formatter, lengths.fitter.join
        if not isinstance(formatter, TextFormatter):
            return one
        try:
            written = formatter.write(one.row)
        except ExplainError as error:
            subject = str(error).partition(":")[0]
            self._bad(one.number, UNWRITABLE.get(subject, "row-unwritable"), error)
            return None
        self.meta_leaks.add(one.number, one.row, written.prompt, formatter)
        bare = text_of(written.target).removesuffix(getattr(formatter, "end_text", ""))
        layout = formatter.layout
        if layout.order != "multitask" or not one.row.explanation:
            answer = one.row.example.answer
            said = formatter.read(bare)
            for finding in check_answer(written.prompt, said, answer, layout):
                self._add(one.number, finding)
        if isinstance(join, Continuation):
            for finding in check_ending(written.prompt, bare):
                self._add(one.number, finding)
        if lengths.is_short(written):
            self.outcomes.count(one.number, one.row.outcome)
            return None
        return one._replace(written=written)

    def _bad(self, number: int, code: str, error: ExplainError) -> None:
        """A row that cannot be trained on: skipped where the recipe says so."""
        reason = str(error).partition(":")[0]
        if isinstance(error, BadRow):
            reason = error.reason
            if self.planner.skips(error):
                code = "row-skipped"
        if code == "row-skipped":
            self.outcomes.skip(number, reason, str(error))
            return
        self._faulty = True
        self._add(number, RowFinding(code, str(error), reason))

    def _add(self, number: int, finding: RowFinding) -> None:
        self.findings.add(
            finding.code, self.where, finding.message, number, finding.topic
        )
