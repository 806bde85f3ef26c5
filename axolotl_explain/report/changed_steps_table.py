"""Whether answers follow from explanations: a table for the terminal, and words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table

from axolotl_explain.report.number_format import MISSING, format_interval
from axolotl_explain.results.changed_steps import ChangedSteps


def changed_steps_table(found: Sequence[ChangedSteps]) -> Table:
    """A line for each model, data file and level."""
    table = Table(
        title="behind a beginning whose last number is changed",
        caption="of the rows that are right behind the true beginning",
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("level", no_wrap=True)
    models = len({(one.model, one.data) for one in found}) > 1
    if models:
        table.add_column("model and data", overflow="fold")
    for name in ("rows", "right", "other", "95 %", "right still", "no answer"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        cells = [one.level]
        if models:
            cells.append(f"{one.model or 'the base model'} on {one.data}")
        interval = one.followed_interval
        cells += [
            f"{one.rows:,}",
            f"{one.right:,}",
            _share(one.followed, one.right),
            format_interval(*interval) if interval else MISSING,
            _share(one.ignored, one.right),
            _share(one.unanswered, one.right),
        ]
        table.add_row(*cells)
    return table


def changed_steps_words(one: ChangedSteps) -> str:
    """The same as a sentence of the report."""
    who = "the trained model" if one.model else "the base model"
    interval = one.followed_interval
    if interval is None:
        return (
            f"{who}, at level {one.level}: no row is answered right behind the true "
            "beginning of its explanation, so nothing is told by a changed one."
        )
    left_out = (
        f" Without a number to change: {one.without_number:,} more."
        if one.without_number
        else ""
    )
    return (
        f"{who}, at level {one.level}: with one number of the explanation changed, "
        f"{_share(one.followed, one.right)} ({format_interval(*interval)}) of the "
        f"{one.right:,} rows that are answered right behind the true beginning are "
        f"answered otherwise, {_share(one.ignored, one.right)} right all the same, "
        f"{_share(one.unanswered, one.right)} not at all.{left_out}"
    )


def _share(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else MISSING
