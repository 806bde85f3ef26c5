"""One dataset, row by row: all checks of its rows in one pass.

Rows go through the same reader, plan and formatter as in training, so what is checked
is what is trained on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from axolotl_explain.checking.across_rows import AcrossRows
from axolotl_explain.checking.agreement import contradictions
from axolotl_explain.checking.characters import TextCheck, check_texts
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.finding import FindingCollector, RowFinding
from axolotl_explain.checking.leaks import answer_leak, explanation_leak
from axolotl_explain.checking.meta_leaks import MetaLeaks
from axolotl_explain.checking.roles import (
    bare_answers,
    inner_markers,
    unwritten_answer,
    wrapped_answer,
)
from axolotl_explain.checking.row_text import check_answer, check_ending, most_tokens
from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.outcome import TOO_LONG, Outcome, is_grave, tally
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
SHORTENED = Outcome.SHORTENED | Outcome.SHORTENED_TO_ANSWER
OUTCOMES = {
    Outcome.TOO_LONG: "too-long-dropped",
    Outcome.TARGET_TOO_LONG: "too-long-dropped",
    Outcome.SHORTENED: "too-long-shortened",
    Outcome.SHORTENED_TO_ANSWER: "too-long-shortened",
    Outcome.NEAREST: "level-replaced",
    Outcome.ANSWER_ONLY: "level-replaced",
    Outcome.LEVEL_MISSING: "level-replaced",
    Outcome.UNKNOWN_CHARACTERS: "unknown-characters",
    Outcome.PLACEHOLDER: "explanation-placeholder",
    Outcome.ANSWER_LINE_CUT: "answer-line-cut",
    Outcome.UNREAD: "explanation-unread",
}
"""Outcome of a training row -> code of the finding; others are `rows-changed`."""
GRAVE = {
    "too-long-shortened": "often-shortened",
    "level-replaced": "level-often-replaced",
    "rows-changed": "rows-often-changed",
    "row-skipped": "many-rows-skipped",
}
"""Code of a note -> that of the warning it is where it touches many rows."""
UNWRITABLE = {"answer": "answer-not-extractable", "explain.template": "template-faulty"}
"""Place that an error names first -> code of the finding."""


@dataclass(slots=True)
class ScanContext:
    """What the scans of all datasets of a recipe have in common.

    Attributes:
        packed: whether training packs its rows.
        too_many: whether there are too many rows to count all their tokens.
        lengths: tokens of each training row, where rows are packed and few.
    """

    findings: FindingCollector
    duplicates: Duplicates
    text_checks: tuple[TextCheck, ...]
    packed: bool = False
    too_many: bool = False
    lengths: list[int] = field(default_factory=list)


class PendingRow(NamedTuple):
    """A training row that waits to be written."""

    number: int
    row: TrainingRow


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
        self.fitter = fitter
        self.shared = shared
        self.findings = shared.findings
        self.across_rows = AcrossRows(shared.findings, where)
        self.meta_leaks = MetaLeaks(shared.findings, where)
        self.num_rows = 0
        self.num_planned = 0
        self._counts_tokens = (
            shared.packed and not shared.too_many and settings.split == "train"
        )
        self._encodes_all = self._counts_tokens or (
            fitter is not None and fitter.formatter.may_lose
        )
        self._layout = settings.options.layout
        self.num_dropped = 0
        self._outcomes: defaultdict[Outcome, list[int]] = defaultdict(list)
        self._skipped: defaultdict[str, list[int]] = defaultdict(list)
        self._first_skipped: dict[str, str] = {}
        self._longest = 0
        self._unread: dict[str, None] = {}
        self._faulty = False

    def rows(self, batch: Mapping[str, Sequence[Any]], start: int) -> None:
        """One batch of columns; `start` is the index of its first row."""
        ready: list[PendingRow] = []
        for number, row in enumerate(rows_of(batch), start + 1):
            ready += self._read(number, row)
            self.num_rows += 1
        if self.fitter is not None:
            self._write(ready, self.fitter)

    def finish(self) -> None:
        """Report what shows only at the end."""
        self._report_skipped()
        self.across_rows.finish()
        self.meta_leaks.finish()
        if not self.num_rows:
            self.findings.add("no-rows", self.where, "it is empty.")
        elif self.num_dropped == self.num_planned and not self._faulty:
            message = f"of {self.num_rows:,} rows none is left."
            self.findings.add("nothing-left", self.where, message)
        for outcome, numbers in self._outcomes.items():
            message = (
                f"{len(numbers):,} of {self.num_planned:,} training rows "
                f"({len(numbers) / self.num_planned:.1%}) {outcome.label}"
            )
            if outcome in TOO_LONG:
                message += f"; the longest has {self._longest:,} tokens"
            if outcome is Outcome.UNREAD:
                message += f": {', '.join(self._unread)}"
            code = OUTCOMES.get(outcome, "rows-changed")
            if outcome in TOO_LONG and self.settings.options.on_too_long == "error":
                code = "too-long-refused"
            if is_grave(outcome, len(numbers), self.num_planned):
                code = GRAVE.get(code, code)
            for number in numbers:
                self.findings.add(code, self.where, message, number, outcome.label)

    def _report_skipped(self) -> None:
        """Rows that cannot become examples, by reason."""
        skipped = sum(len(rows) for rows in self._skipped.values())
        is_many = is_grave(Outcome.BAD_ROW, skipped, self.num_rows)
        code = GRAVE["row-skipped"] if is_many else "row-skipped"
        for reason, rows in self._skipped.items():
            share = f"{len(rows) / self.num_rows:.1%}"
            message = (
                f"{len(rows):,} of {self.num_rows:,} rows ({share}); the first: "
                f"{self._first_skipped[reason]}"
            )
            for number in rows:
                self.findings.add(code, self.where, message, number, reason)

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
            self._unread.update(dict.fromkeys(self.planner.unread_in(row, bare)))
            self._check_problem(number, bare, planned)
            for one in planned:
                self.num_planned += 1
                if isinstance(one, TrainingRow):
                    yield PendingRow(number, one)
                if self.fitter is None or isinstance(one, DroppedRow):
                    self._count(number, one.outcome)

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

    def _write(self, ready: Sequence[PendingRow], fitter: Fitter) -> None:
        """Write rows as text, and encode those that may be too long."""
        long = [one for one in ready if not self._is_settled(one, fitter)]
        try:
            encoded = fitter.formatter.encode([one.row for one in long])
        except ExplainError as error:
            # Without texts (mistral_common), rows are written here for the first time.
            self._bad(long[0].number, "row-unwritable", error)
            return
        for one, (prompt, target) in zip(long, encoded, strict=True):
            row, outcome = fitter.fit(one.row, prompt, target)
            if self._counts_tokens and row is not None:
                self.shared.lengths.append(len(prompt) + len(target.ids))
            if (outcome & ~one.row.outcome) & (TOO_LONG | SHORTENED):
                self._longest = max(self._longest, len(prompt) + len(target.ids))
            self._count(one.number, outcome)

    def _is_settled(self, one: PendingRow, fitter: Fitter) -> bool:
        """Check a row as text; True where it needs not be encoded."""
        formatter = fitter.formatter
        if not isinstance(formatter, TextFormatter):
            return False
        try:
            written = formatter.write(one.row)
        except ExplainError as error:
            subject = str(error).partition(":")[0]
            self._bad(one.number, UNWRITABLE.get(subject, "row-unwritable"), error)
            return True
        self.meta_leaks.add(one.number, one.row, written.prompt, formatter)
        target = text_of(written.target)
        bare = target.removesuffix(getattr(formatter, "end_text", ""))
        layout = formatter.layout
        if layout.order != "multitask" or not one.row.explanation:
            answer = one.row.example.answer
            for finding in check_answer(written.prompt, bare, answer, layout):
                self._add(one.number, finding)
        if isinstance(fitter.join, Continuation):
            for finding in check_ending(written.prompt, bare):
                self._add(one.number, finding)
        room = fitter.join.room(most_tokens(written.prompt))
        if self._encodes_all or most_tokens(target) > room:
            return False
        self._count(one.number, one.row.outcome)
        return True

    def _count(self, number: int, outcome: Outcome) -> None:
        """What became of a training row in the end."""
        if not outcome:
            return
        self.num_dropped += outcome.dropped
        for flag in tally([(int(outcome), 1)]):
            self._outcomes[flag].append(number)

    def _bad(self, number: int, code: str, error: ExplainError) -> None:
        """A row that cannot be trained on: skipped where the recipe says so."""
        reason = str(error).partition(":")[0]
        if isinstance(error, BadRow):
            reason = error.reason
            if self.planner.skips(error):
                code = "row-skipped"
        if code == "row-skipped":
            self._first_skipped.setdefault(reason, str(error))
            if number not in self._skipped[reason][-1:]:
                self._skipped[reason].append(number)
            return
        self._faulty = True
        self._add(number, RowFinding(code, str(error), reason))

    def _add(self, number: int, finding: RowFinding) -> None:
        self.findings.add(
            finding.code, self.where, finding.message, number, finding.topic
        )
