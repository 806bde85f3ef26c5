"""Findings as a table in the terminal."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from axolotl_explain.checking.codes import CODES, SEVERITIES
from axolotl_explain.checking.finding import CheckResult, Finding

STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
MARKS = {"error": "✗", "warning": "!", "note": "·"}
WIDE = 110
"""Columns of a terminal, from which on the place has a column of its own."""
NARROW = 72
"""Below, all stands in one column."""


def print_findings(
    console: Console, recipe: str, result: CheckResult, seconds: float
) -> None:
    """Print the table and a line that sums it up."""
    if result.findings:
        console.print(_table(result.findings, console.width))
        console.print()
    console.print(_summary(recipe, result, seconds), highlight=False)


def _table(findings: list[Finding], width: int) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True, leading=1
    )
    if width < NARROW:
        table.add_column("finding and what to do", overflow="fold")
        for one in findings:
            remedy = Text(f"→ {one.remedy}", "dim")
            table.add_row(Group(_head(one), *_body(one, with_place=True), remedy))
        return table
    wide = width >= WIDE
    table.add_column("", no_wrap=True)
    if wide:
        table.add_column("where", ratio=3, overflow="fold")
    table.add_column("finding", ratio=5, overflow="fold")
    table.add_column("what to do", ratio=3, style="dim", overflow="fold")
    for one in findings:
        body = Group(*_body(one, with_place=not wide))
        cells = [_place(one, "\n"), body] if wide else [body]
        table.add_row(_head(one), *cells, one.remedy)
    return table


def _head(one: Finding) -> Text:
    return Text(f"{MARKS[one.severity]} {one.severity}", STYLES[one.severity])


def _place(one: Finding, joint: str) -> Text:
    place = Text(one.where, "bold")
    if one.rows:
        place.append(f"{joint}{one.rows_text}", "none")
    return place


def _body(one: Finding, with_place: bool) -> list[Text]:
    body = [Text(one.code, STYLES[one.severity])]
    if with_place:
        body.append(_place(one, ", "))
    body.append(Text(CODES[one.code].what))
    if one.message:
        body.append(Text(one.message, "dim"))
    return body


def _summary(recipe: str, result: CheckResult, seconds: float) -> Text:
    counts = Counter(one.severity for one in result.findings)
    told = Text()
    for severity in SEVERITIES:
        number = counts[severity]
        if number:
            told.append(", " if told else "")
            noun = severity if number == 1 else f"{severity}s"
            told.append(f"{number} {noun}", STYLES[severity])
    if not told:
        told.append("✓ nothing to mend", "bold green")
    rows, files = sum(result.rows.values()), len(result.rows)
    told.append(f" in {recipe}: {rows:,} rows of {files} ")
    told.append("dataset" if files == 1 else "datasets")
    told.append(f", to be trained on a {result.machine.upper()} ({seconds:.1f} s)")
    return told
