"""One dataset, row by row: everything that can be seen in it, in one pass.

Rows go through the same reader, plan and formatter as in training, so what is checked
is what is trained on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from axolotl_explain.checking.agreement import contradictions
from axolotl_explain.checking.characters import Hit, TextCheck, check_texts
from axolotl_explain.checking.finding import Findings
from axolotl_explain.checking.leaks import answer_leak, explanation_leak
from axolotl_explain.checking.problem import Problem
from axolotl_explain.checking.repeats import Repeats
from axolotl_explain.checking.spread import Spread
from axolotl_explain.checking.written import check_written, surely_fits
from axolotl_explain.errors import BadRow, ExplainError
from axolotl_explain.example import Example
from axolotl_explain.fit import Fitter
from axolotl_explain.formats import TargetFormat
from axolotl_explain.formatter import TextFormatter, TrainingRow
from axolotl_explain.plan import Outcome, Planned, plan
from axolotl_explain.settings import DatasetSettings
from axolotl_explain.sources import make_reader

BATCH = 1_000
PROBLEM_CHECKS: tuple[Callable[[Problem, TargetFormat], Iterator[Hit]], ...] = (
    answer_leak,
    explanation_leak,
    contradictions,
)
UNWRITABLE = {"answer": "answer-not-extractable", "explain.template": "template-faulty"}
"""What an error names first -> the code of the finding."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the scans of all datasets of a recipe have in common."""

    findings: Findings
    repeats: Repeats
    text_checks: tuple[TextCheck, ...]


class Ready(NamedTuple):
    """A training row that waits to be written."""

    number: int
    row: TrainingRow
    outcome: Outcome


class Scan:
    """Takes the rows of one dataset entry."""

    def __init__(
        self,
        where: str,
        settings: DatasetSettings,
        fitter: Fitter | None,
        shared: Shared,
    ) -> None:
        """
        Args:
            fitter: None where there is no tokenizer; then nothing is written.
        """
        self.where = where
        self.settings = settings
        self.fitter = fitter
        self.shared = shared
        self.findings = shared.findings
        self.spread = Spread(shared.findings, where)
        self.num_rows = 0
        self.num_kept = 0
        self._outcomes: defaultdict[Outcome, list[int]] = defaultdict(list)
        self._longest = 0
        self._faulty = False
        self.read = make_reader(settings.options, settings.options.seed)

    def rows(self, batch: Mapping[str, Sequence[Any]], start: int) -> None:
        """One batch of columns; `start` is the index of its first row."""
        ready: list[Ready] = []
        size = len(next(iter(batch.values()), ()))
        for position in range(size):
            row = {name: column[position] for name, column in batch.items()}
            ready += self._read(start + position + 1, row)
        self.num_rows += size
        if self.fitter is not None:
            self._write(ready, self.fitter)

    def finish(self) -> None:
        """Report what shows only at the end."""
        self.spread.finish()
        if not self.num_rows:
            self.findings.add("no-rows", self.where, "it is empty.")
        elif not self.num_kept and not self._faulty:
            self.findings.add(
                "nothing-left", self.where, f"of {self.num_rows:,} rows none is left."
            )
        limit = self.fitter.sequence_len if self.fitter else 0
        for outcome, numbers in self._outcomes.items():
            share = f"{len(numbers):,} of {self._num_planned:,}"
            share += f" training rows ({len(numbers) / self._num_planned:.1%})"
            code = "level-replaced"
            message = f"{share} {outcome.label}"
            if outcome == Outcome.TOO_LONG:
                code = "too-long-dropped"
            elif outcome in (Outcome.SHORTENED, Outcome.SHORTENED_TO_ANSWER):
                code = "too-long-shortened"
            if code != "level-replaced":
                message = f"{share}; sequence_len is {limit:,}"
                message += f", the longest has {self._longest:,}" * bool(self._longest)
            for number in numbers:
                self.findings.add(code, self.where, message, number, outcome.name)

    @property
    def _num_planned(self) -> int:
        dropped = (Outcome.TOO_LONG, Outcome.LEVEL_MISSING)
        lost = sum(len(self._outcomes.get(one, ())) for one in dropped)
        return self.num_kept + lost

    def _read(self, number: int, row: Mapping[str, Any]) -> Iterator[Ready]:
        """The training rows of one row, which is checked as text on the way."""
        try:
            examples = self.read(row)
        except ExplainError as error:
            self._bad(number, "row-unreadable", error)
            return
        for example in examples:
            try:
                planned = plan(example, self.settings.options)
            except ExplainError as error:
                self._bad(number, "level-missing", error)
                continue
            self._check_problem(number, example, planned)
            for one in planned:
                if one.outcome != Outcome.AS_WANTED:
                    self._outcomes[one.outcome].append(number)
                if one.level is not None:
                    self.num_kept += 1
                    yield Ready(number, TrainingRow.of(example, one.level), one.outcome)

    def _check_problem(
        self, number: int, example: Example, planned: Sequence[Planned]
    ) -> None:
        used = {one.level for one in planned}
        texts = {lv: text for lv, text in example.explanations.items() if lv in used}
        problem = Problem(example, texts)
        for hit in check_texts(problem.texts, self.shared.text_checks):
            self._hit(number, hit)
        layout = self.settings.options.layout
        for check in PROBLEM_CHECKS:
            for hit in check(problem, layout):
                self._hit(number, hit)
        self.spread.add(number, problem)
        self.shared.repeats.add(
            self.where, number, problem, self.settings.split == "test"
        )

    def _write(self, ready: Sequence[Ready], fitter: Fitter) -> None:
        """Write rows as text, and encode those that may be too long."""
        long = [one for one in ready if not self._surely_fits(one, fitter)]
        try:
            encoded = fitter.formatter.encode([one.row for one in long])
        except ExplainError as error:
            # Without texts (mistral_common), rows are written here for the first time.
            self._bad(long[0].number, "row-unwritable", error)
            return
        for one, (prompt, target) in zip(long, encoded, strict=True):
            fitted = fitter.fit(one.row, prompt, target, one.outcome)
            if fitted.outcome != one.outcome:
                self._outcomes[fitted.outcome].append(one.number)
                self._longest = max(self._longest, len(prompt) + len(target.ids))
                self.num_kept -= fitted.encoded is None

    def _surely_fits(self, one: Ready, fitter: Fitter) -> bool:
        """Check a row as text; True where it needs not be encoded."""
        formatter = fitter.formatter
        if not isinstance(formatter, TextFormatter):
            return False
        try:
            written = formatter.write(one.row)
        except ExplainError as error:
            subject = str(error).partition(":")[0]
            code = UNWRITABLE.get(subject, "row-unwritable")
            self._bad(one.number, code, error)
            self.num_kept -= 1
            return True
        target = "".join(segment.text for segment in written.target)
        bare = target.removesuffix(getattr(formatter, "end_text", ""))
        answer = one.row.example.answer
        for hit in check_written(written.prompt, bare, answer, formatter.layout):
            self._hit(one.number, hit)
        return surely_fits(written.prompt, target, fitter.sequence_len)

    def _bad(self, number: int, code: str, error: ExplainError) -> None:
        """A row that cannot be trained on: skipped where the recipe says so."""
        reason = str(error).partition(":")[0]
        if isinstance(error, BadRow):
            reason = error.reason
            if self.settings.options.skips_bad_rows:
                code = "row-skipped"
        self._faulty |= code != "row-skipped"
        self._hit(number, Hit(code, str(error), reason))

    def _hit(self, number: int, hit: Hit) -> None:
        self.findings.add(hit.code, self.where, hit.message, number, hit.topic)
