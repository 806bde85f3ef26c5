"""Checks over all rows of a dataset: one text for all, order of levels, ids."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from axolotl_explain.checking.answer_marks import is_feeble, labelled
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.checking.leaks import history_says, is_quoted
from axolotl_explain.checking.roles import Swapped, swapped
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.answer_kinds import MARKS

FEWEST_ROWS = 10
"""With fewer, one answer may be chance."""
ALIKE_SHARE = 0.5
"""Of the explanations of a level, from which on one text for all is no chance."""
OPEN_SHARE = 0.2
"""Different answers per row, from which on answers are no closed set of choices."""
OPEN_ANSWERS = 5
"""Different answers at least, for the same."""
RARER_SHARE = 0.01
"""Answers in a rarer spelling, from which on exact match suffers."""


class AcrossRows:
    """Takes the problems of one dataset in order."""

    def __init__(self, findings: FindingCollector, where: str) -> None:
        self.findings = findings
        self.where = where
        self.num_problems = 0
        self._answers: Counter[str] = Counter()
        self._ids: dict[str, tuple[int, int]] = {}
        self._quoted: list[int] = []
        self._told: dict[int, str] = {}
        self._last: dict[int, str] = {}
        self._lines = 0
        self._feeble: dict[int, str] = {}
        self._labelled: dict[str, dict[int, str]] = {"A": {}, "B": {}}
        self._swapped: dict[int, Swapped] = {}
        self._explanations: defaultdict[Level, Counter[int]] = defaultdict(Counter)
        self._first: dict[int, int] = {}

    def add(self, row: int, problem: CheckedProblem, layout: TargetFormat) -> None:
        """Check one problem, and remember what later ones are compared with."""
        example = problem.example
        self.num_problems += 1
        self._answers[example.answer] += 1
        if is_quoted(problem):
            self._quoted.append(row)
        if is_feeble(example.answer):
            self._feeble[row] = example.answer
        elif letter := labelled(example.answer):
            self._labelled[letter][row] = example.answer
        self._see_last_line(row, example)
        if found := swapped(problem):
            self._swapped[row] = found
        if example.history and (told := history_says(problem, layout)):
            self._told[row] = told
        if example.id:
            question = hash((example.instruction, example.input))
            first, other = self._ids.setdefault(example.id, (row, question))
            if question != other:
                message = f"{quoted(example.id)}, as row {first:,}"
                self.findings.add("repeated-ids", self.where, message, row)
        for level, text in problem.explanations.items():
            same = hash(text.replace(example.answer, ""))
            self._explanations[level][same] += 1
            self._first.setdefault(same, row)
        wrong = _out_of_order(example.explanations)
        if wrong:
            self.findings.add("levels-out-of-order", self.where, wrong, row)

    def finish(self) -> None:
        """Report what all rows have in common."""
        if self.num_problems >= FEWEST_ROWS and len(self._answers) == 1:
            message = (
                f"all {self.num_problems:,} are {quoted(next(iter(self._answers)))}"
            )
            self.findings.add("one-answer-only", self.where, message)
        self._spellings()
        for level, counts in self._explanations.items():
            total = counts.total()
            ((same, most),) = counts.most_common(1)
            if total >= FEWEST_ROWS and most >= ALIKE_SHARE * total:
                message = (
                    f"{level}: {most:,} of {total:,} are alike, the first in row "
                    f"{self._first[same]:,}"
                )
                self.findings.add("one-explanation-only", self.where, message)
        many = len(self._swapped) >= max(FEWEST_ROWS, ALIKE_SHARE * self.num_problems)
        for row, found in self._swapped.items():
            if many or found.sure:
                code = "answer-explanation-swapped"
                self.findings.add(code, self.where, found.message, row)
        if not self._labelled["B"]:
            self._report("answer-wrapped", self._labelled["A"])
        if len(self._last) >= max(FEWEST_ROWS, ALIKE_SHARE * self._lines):
            for row, last in self._last.items():
                message = f"the input ends in it: {quoted(last)}"
                self.findings.add("answer-in-prompt", self.where, message, row)
        is_open = len(self._answers) >= OPEN_SHARE * self.num_problems
        self._report("answer-placeholder", self._placeholders(is_open))
        if is_open:
            for row, told in self._told.items():
                self.findings.add("answer-in-prompt", self.where, told, row)
        if is_open and 2 * len(self._quoted) >= self.num_problems:
            for row in self._quoted:
                message = f"{len(self._quoted):,} of {self.num_problems:,} answers"
                self.findings.add("answer-quoted", self.where, message, row)

    def _see_last_line(self, row: int, example: Example) -> None:
        """Whether an input of several lines has the answer as its last one.

        In a single row that may be the last item of a list.
        """
        before, _, last = example.input.rpartition("\n")
        if before:
            self._lines += 1
            if last.strip(MARKS).casefold() == example.answer.strip(MARKS).casefold():
                self._last[row] = last

    def _placeholders(self, is_open: bool) -> dict[int, str]:
        """Feeble answers, unless they may be labels or marks of a closed set."""
        others = [one for one in self._answers if not is_feeble(one)]
        if not is_open or len(others) < OPEN_ANSWERS:
            return {}
        marks = any(len(one) == 1 and not one.isalnum() for one in others)
        return {
            row: answer
            for row, answer in self._feeble.items()
            if len(answer) > 1 or not marks
        }

    def _report(self, code: str, answers: Mapping[int, str]) -> None:
        for row, answer in answers.items():
            self.findings.add(code, self.where, f"it is {quoted(answer)}", row)

    def _spellings(self) -> None:
        """Answers that differ in case, spaces and full stops alone."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for answer, _ in self._answers.most_common():
            alike[" ".join(answer.split()).casefold().rstrip(".")].append(answer)
        several = [one for one in alike.values() if len(one) > 1]
        rarer = sum(self._answers[answer] for one in several for answer in one[1:])
        if rarer and rarer >= RARER_SHARE * self.num_problems:
            shown = " and ".join(map(quoted, several[0][:3]))
            message = f"{rarer:,} of {self.num_problems:,} answers, such as {shown}"
            self.findings.add("answer-spellings", self.where, message)


def _out_of_order(explanations: Mapping[Level, str]) -> str:
    """Which level is much longer than a higher one, in words; empty where none is.

    Half as long again counts; less is a matter of style.
    """
    present = [level for level in EXPLAINED if level in explanations]
    for lower, higher in pairwise(present):
        less, more = len(explanations[lower]), len(explanations[higher])
        if less > 1.5 * more + 20:
            return f"{lower} has {less:,} characters, {higher} {more:,}"
    return ""
