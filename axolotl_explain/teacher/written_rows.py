"""Writes rows with what the ledger has for them, in their order, without asking.

The same rows, ledger and rules give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from axolotl_explain.core.example import Example
from axolotl_explain.support.row_writer import row_writer
from axolotl_explain.support.whole_output import whole_file
from axolotl_explain.teacher.ledger import Ledger
from axolotl_explain.teacher.row_questions import Attempt, RowResult, RowRules, ask_row
from axolotl_explain.teacher.tally import Tally

MARK = "teacher"
"""The key of `meta` that says who explained a row, and how."""


def write_rows(
    out: Path,
    rows: Iterable[tuple[int, Example]],
    rules: RowRules,
    ledger: Ledger,
    tally: Tally,
) -> None:
    """Write the whole file, or nothing."""
    with (
        whole_file(out) as draft,
        row_writer(draft, out.suffix, "canonical") as write,
    ):
        for number, example in rows:
            result = replayed(example, rules, ledger)
            tally.add(number, example, result)
            for row in rows_of(example, result, rules):
                write(row)
                tally.summary.written += 1
            tally.summary.rows += 1


def replayed(example: Example, rules: RowRules, ledger: Ledger) -> RowResult:
    """What a row has in the end, by the replies that are there."""
    questions = ask_row(example, rules)
    try:
        request = next(questions)
        while True:
            entry = ledger.find(request.key)
            attempt = None
            if entry is not None:
                accepted = rules.accept(example, request, entry.reply)
                attempt = Attempt(request, entry.reply, accepted)
            request = questions.send(attempt)
    except StopIteration as ended:
        result: RowResult = ended.value
        return result


def rows_of(
    example: Example, result: RowResult, rules: RowRules
) -> Iterator[dict[str, Any]]:
    """The rows of one example: one for each of its explanations, or that without."""
    bare = dict(example.explanations)
    if rules.replace and not result.own:
        bare = {
            level: text for level, text in bare.items() if level not in rules.levels
        }
    if not result.explanations:
        if result.own or not rules.only_explained:
            yield replace(example, explanations=bare).to_row()
        return
    mark = {"model": rules.sampling.model, "mode": result.mode or "shorten"}
    for texts in result.explanations:
        explained = replace(
            example,
            explanations={**bare, **texts},
            meta={**example.meta, MARK: mark},
        )
        yield explained.to_row()
