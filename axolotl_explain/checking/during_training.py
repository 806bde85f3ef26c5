"""What `check` says of rows, in the log of training, as the rows are prepared.

Said is what training would not say by itself: leaks, columns in each other's place,
problems that are trained and tested. The first rows of each dataset are looked at;
`check` looks at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from datasets import Dataset

from axolotl_explain.checking.ask_axolotl import special_tokens
from axolotl_explain.checking.characters import USUAL_SPECIAL, text_checks
from axolotl_explain.checking.codes import CODES
from axolotl_explain.checking.dataset_scan import BATCH, DatasetScan, ScanContext
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.evaluation_data import (
    check_evaluation_file,
    evaluation_files,
)
from axolotl_explain.checking.finding import Finding, FindingCollector
from axolotl_explain.checking.outcome_findings import GRAVE, OUTCOMES
from axolotl_explain.targets.planner import Planner
from axolotl_explain.training.strategy import ExplainStrategy

FIRST_ROWS = 5_000
"""Of each dataset; the rest would hold training up."""
SAID_BY_TRAINING = {
    *OUTCOMES.values(),
    *GRAVE.values(),
    "rows-changed",
    "row-skipped",
    "nothing-left",
}
"""Codes of what the counts of a dataset say in the log anyway."""


class RowReview:
    """Takes the datasets of one training run in the order in which Axolotl does."""

    def __init__(self, say: Callable[[str], None], least: int = 0) -> None:
        """
        Args:
            least: tokens below which Axolotl drops a row (`min_sample_len`).
        """
        self.say = say
        self.least = least
        self.findings = FindingCollector()
        self.duplicates = Duplicates(self.findings, near=False)
        self._said: set[tuple[str, str, str]] = set()
        self._any = False

    def __call__(
        self, strategy: ExplainStrategy, rows: Dataset, planner: Planner
    ) -> None:
        """Look at the rows of a dataset whose every row could be trained on."""
        tokenizer = getattr(strategy.formatter, "tokenizer", None)
        tokens = USUAL_SPECIAL if tokenizer is None else special_tokens(tokenizer)
        checks = text_checks(tokens)
        shared = ScanContext(self.findings, self.duplicates, checks, least=self.least)
        scan = DatasetScan(
            strategy.name, strategy.settings, planner, strategy.fitter, shared
        )
        self.duplicates.begin()
        self._any = True
        end = min(len(rows), FIRST_ROWS)
        for start in range(0, end, BATCH):
            scan.rows(rows[start : min(start + BATCH, end)], start)
        scan.finish()
        self._tell(self.findings.list())

    def evaluated(self, cfg: Any) -> None:
        """Look at the data of `explain.evaluation`, behind all that is trained."""
        for path in evaluation_files(cfg) if self._any else ():
            check_evaluation_file(path, cfg, self.findings, self.duplicates)
        self._tell(self.findings.list())

    def _tell(self, findings: Iterable[Finding]) -> None:
        for one in findings:
            key = (one.code, one.where, one.message)
            known = one.code in SAID_BY_TRAINING or one.severity == "note"
            if key not in self._said and not known:
                self._said.add(key)
                self.say(in_words(one))


def in_words(finding: Finding) -> str:
    """A finding as one line of a log.

    >>> in_words(Finding("one-answer-only", "a.jsonl", "all 20 are '4'"))[:50]
    'a.jsonl: All rows of a dataset have the same answe'
    """
    place = ", ".join(filter(None, (finding.where, finding.rows_text)))
    what = CODES[finding.code].what.rstrip(".")
    return f"{place}: {what} ({finding.message.rstrip('.')}). {finding.remedy}"
