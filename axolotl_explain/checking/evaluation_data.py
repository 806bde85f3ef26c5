"""The data of `explain.evaluation`: each row is read, and compared with training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.raw_row import UnreadableRow
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.dataset_entries import our_test_files, reading_entry
from axolotl_explain.recipe.evaluation_options import parse_evaluation
from axolotl_explain.sources.reader import make_reader
from axolotl_explain.sources.tables import read_rows


def evaluation_files(cfg: Any) -> Iterator[str]:
    """The files that `explain.evaluation` names and no test dataset does."""
    block = (cfg.explain or {}).get("evaluation")
    tested = our_test_files(cfg)
    for path in () if block is None else parse_evaluation(block).data:
        if path not in tested:
            yield path


def check_evaluation_file(
    path: str, cfg: Any, findings: FindingCollector, duplicates: Duplicates
) -> None:
    """Read all rows of a file, as evaluation while training does.

    Raises:
        ExplainError: if the file cannot be read.
    """
    options = from_entry(reading_entry(cfg, path)).options
    read = make_reader(options, options.seed)
    duplicates.begin()
    for number, row in enumerate(read_rows(path), 1):
        try:
            if isinstance(row, BadRow):
                raise row
            example = read(row)[0]
        except ExplainError as error:
            skipped = isinstance(error, BadRow) and options.skips_bad_rows
            damaged = isinstance(error, UnreadableRow)
            code = "data-unreadable" if damaged else "row-unreadable"
            code = "row-skipped" if skipped else code
            reason = error.reason if isinstance(error, BadRow) else ""
            findings.add(code, path, str(error), number, reason)
            continue
        duplicates.add(path, number, CheckedProblem(example, {}), test=True)
