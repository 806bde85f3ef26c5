"""The rows that a training would evaluate on: can they be read as the recipe says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from axolotl_explain.checking.finding import FindingCollector
from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.raw_row import UnreadableRow
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.evaluation_options import parse_evaluation
from axolotl_explain.recipe.install import reading_entry
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.tables import read_rows


def evaluation_rows(
    cfg: Any, scanned: Collection[str], findings: FindingCollector
) -> None:
    """Report files of `explain.evaluation.data`, and their rows, that cannot be read.

    Args:
        scanned: paths whose rows are checked in any case.
    """
    block = (cfg.explain or {}).get("evaluation")
    if block is None:
        return
    for path in parse_evaluation(block).data:
        if path not in scanned:
            _scan(path, reading_entry(cfg, path), findings)


def _scan(path: str, entry: Any, findings: FindingCollector) -> None:
    options = from_entry(entry).options if entry else ExplainOptions()
    reader = RowReader(options, options.seed, path)
    try:
        rows = read_rows(path)
    except ExplainError as error:
        findings.add("data-unreadable", path, str(error))
        return
    for number, row in enumerate(rows, start=1):
        try:
            if isinstance(row, BadRow):
                raise row
            reader.read(row)
        except ExplainError as error:
            skipped = isinstance(error, BadRow) and reader.skips
            damaged = isinstance(error, UnreadableRow)
            code = "data-unreadable" if damaged else "row-unreadable"
            reason = error.reason if isinstance(error, BadRow) else str(error)
            findings.add(
                "row-skipped" if skipped else code, path, str(error), number, reason
            )
