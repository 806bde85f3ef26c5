"""What became of the rows of one dataset, and what of that is worth a finding."""

from __future__ import annotations

from collections import defaultdict

from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.core.outcome import TOO_LONG, Outcome, is_grave, tally

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


class OutcomeFindings:
    """Takes the outcomes of one dataset in the order of its rows.

    Attributes:
        num_planned: training rows, dropped ones included.
        num_dropped: of these, the dropped ones whose end is known.
        longest: tokens of the longest row that is too long.
        unread: the columns that look like explanations and are not read.
    """

    def __init__(
        self, findings: FindingCollector, where: str, refuses_too_long: bool
    ) -> None:
        """
        Args:
            refuses_too_long: whether rows that are too long stop training.
        """
        self.findings = findings
        self.where = where
        self.refuses_too_long = refuses_too_long
        self.num_planned = 0
        self.num_dropped = 0
        self.longest = 0
        self.unread: dict[str, None] = {}
        self._rows: defaultdict[Outcome, list[int]] = defaultdict(list)
        self._short: list[int] = []
        self._least = 0
        self._skipped: defaultdict[str, list[int]] = defaultdict(list)
        self._first_skipped: dict[str, str] = {}

    def count(self, number: int, outcome: Outcome) -> None:
        """What became of a training row in the end."""
        if not outcome:
            return
        self.num_dropped += outcome.dropped
        for flag in tally([(int(outcome), 1)]):
            self._rows[flag].append(number)

    def drop_as_short(self, number: int, least: int) -> None:
        """A training row of which Axolotl finds too few tokens."""
        self._least = least
        self.num_dropped += 1
        self._short.append(number)

    def skip(self, number: int, reason: str, message: str) -> None:
        """A row that cannot become an example, and is left out."""
        self._first_skipped.setdefault(reason, message)
        if number not in self._skipped[reason][-1:]:
            self._skipped[reason].append(number)

    def finish(self, num_rows: int) -> None:
        """Report all of it.

        Args:
            num_rows: of the dataset.
        """
        self._report_skipped(num_rows)
        for number in self._short:
            message = (
                f"{len(self._short):,} of {self.num_planned:,} training rows have "
                f"fewer than {self._least:,} tokens"
            )
            self.findings.add("too-short-dropped", self.where, message, number)
        for outcome, numbers in self._rows.items():
            code, message = self._code(outcome, len(numbers)), self._message(outcome)
            for number in numbers:
                self.findings.add(code, self.where, message, number, outcome.label)

    def _code(self, outcome: Outcome, rows: int) -> str:
        code = OUTCOMES.get(outcome, "rows-changed")
        if outcome in TOO_LONG and self.refuses_too_long:
            return "too-long-refused"
        grave = is_grave(outcome, rows, self.num_planned)
        return GRAVE.get(code, code) if grave else code

    def _message(self, outcome: Outcome) -> str:
        rows = len(self._rows[outcome])
        share = f"{rows / self.num_planned:.1%}"
        message = (
            f"{rows:,} of {self.num_planned:,} training rows ({share}) {outcome.label}"
        )
        if outcome in TOO_LONG:
            message += f"; the longest has {self.longest:,} tokens"
        if outcome is Outcome.UNREAD:
            message += f": {', '.join(self.unread)}"
        return message

    def _report_skipped(self, num_rows: int) -> None:
        """Rows that cannot become examples, by reason."""
        skipped = sum(len(rows) for rows in self._skipped.values())
        is_many = is_grave(Outcome.BAD_ROW, skipped, num_rows)
        code = GRAVE["row-skipped"] if is_many else "row-skipped"
        for reason, rows in self._skipped.items():
            share = f"{len(rows) / num_rows:.1%}"
            message = (
                f"{len(rows):,} of {num_rows:,} rows ({share}); the first: "
                f"{self._first_skipped[reason]}"
            )
            for number in rows:
                self.findings.add(code, self.where, message, number, reason)
