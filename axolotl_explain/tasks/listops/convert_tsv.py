"""Turn a TSV file of ListOps problems into JSON lines with explanations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.whole_output import whole_file
from axolotl_explain.tasks.listops.read_tsv import BadTsvRow, read_listops
from axolotl_explain.tasks.write_jsonl import SplitSummary, write_jsonl


def convert_tsv(
    source: Path,
    out: Path,
    modulus: int,
    skip: Callable[[BadTsvRow], object] | None = None,
    on_row: Callable[[], object] = lambda: None,
) -> SplitSummary:
    """Write `out` as a whole or not at all; bad rows go to `skip`, if it is given.

    Raises:
        ExplainError: at a bad row, if there is no `skip`; if no row is good; or if the
            source cannot be read.
    """
    with whole_file(out) as draft:
        summary = write_jsonl(draft, read_listops(source, modulus, skip), on_row)
        if not summary.rows:
            raise ExplainError(
                f"--from {source}: none of its rows is good, so nothing was written; "
                "leave out --on-bad-row skip to see what is wrong with the first."
            )
    return summary


def bad_row_lines(bad: list[BadTsvRow]) -> list[str]:
    """A line on each kind of bad row: how many there are, and the first of them."""
    kinds: dict[str, list[BadTsvRow]] = {}
    for row in bad:
        kinds.setdefault(row.kind, []).append(row)
    return [
        f"skipped {len(rows):,} with {kind}; the first is on line {rows[0].line}: "
        f"{rows[0].detail}"
        for kind, rows in sorted(kinds.items())
    ]
