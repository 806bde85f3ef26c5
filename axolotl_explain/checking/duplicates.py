"""Duplicate problems: within a dataset, and between training and test data."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import NamedTuple

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.checking.near_duplicates import NearDuplicateIndex
from axolotl_explain.core.same_text import same_form


class SeenProblem(NamedTuple):
    """The place of a problem, and digests of its texts.

    Attributes:
        dataset: the place of its dataset among those looked at; two may read one file.
    """

    dataset: int
    where: str
    row: int
    test: bool
    problem: bytes
    answer: bytes
    whole: bytes


class Duplicates:
    """Takes problems dataset by dataset, training first, and reports what repeats."""

    def __init__(self, findings: FindingCollector, near: bool = True) -> None:
        """
        Args:
            near: whether to look for nearly equal problems too, which takes longer.
        """
        self.findings = findings
        self._looks_near = near
        self.seen: list[SeenProblem] = []
        self._here: dict[bytes, SeenProblem] = {}
        self._trained: dict[bytes, SeenProblem] = {}
        self._dataset = 0
        self._texts: list[str] = []
        self._near = NearDuplicateIndex()

    def begin(self) -> None:
        """The next problems are those of another dataset."""
        self._flush()
        self._here = {}
        self._dataset += 1

    def add(self, where: str, row: int, problem: CheckedProblem, test: bool) -> None:
        """One problem; compares it with equal ones at once."""
        example = problem.example
        question = problem.question
        text = same_form(question)
        texts = (question, example.answer, *problem.explanations.values())
        one = SeenProblem(
            self._dataset,
            where,
            row,
            test,
            _digest(text),
            _digest(unicodedata.normalize("NFC", example.answer)),
            _digest("\x1f".join(texts)),
        )
        self._compare(one)
        self.seen.append(one)
        if self._looks_near:
            self._texts.append(text)
        if len(self._texts) >= 5_000:
            self._flush()

    def _compare(self, one: SeenProblem) -> None:
        first = self._here.setdefault(one.problem, one)
        if first.row != one.row:
            message = f"the same problem as in row {first.row:,}"
            code = "problem-repeated"
            if first.answer != one.answer:
                code = "conflicting-answers"
            elif first.whole == one.whole:
                code = "duplicate-rows"
            self.findings.add(code, one.where, message, one.row)
        if not one.test:
            first = self._trained.setdefault(one.problem, one)
            if first.dataset != one.dataset and first.whole == one.whole:
                message = f"also in another dataset ({first.where}, row {first.row:,})"
                self.findings.add(
                    "duplicate-rows", one.where, message, one.row, "other"
                )
        elif one.problem in self._trained:
            first = self._trained[one.problem]
            message = f"as in {first.where}, row {first.row:,}"
            self.findings.add("test-in-train", one.where, message, one.row)

    @property
    def num_trained(self) -> int:
        """How many different problems training has."""
        return len(self._trained)

    def finish(self) -> None:
        """Look for nearly equal problems over all datasets."""
        self._flush()
        for first, later in self._near.pairs():
            one, other = self.seen[first], self.seen[later]
            same_row = one.where == other.where and one.row == other.row
            if same_row or one.problem == other.problem:
                continue
            code = "test-near-train" if one.test != other.test else "near-duplicates"
            message = f"nearly as {one.where}, row {one.row:,}"
            self.findings.add(code, other.where, message, other.row)

    def _flush(self) -> None:
        self._near.add(self._texts)
        self._texts = []


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()
