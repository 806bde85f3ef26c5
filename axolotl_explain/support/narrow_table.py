"""A table that is wider than its terminal, as one block a row.

Cut cells say nothing: at 40 columns `100.0%` is `10…`.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

UNLIMITED = 10_000


class FittedTable:
    """Prints as the table where its columns fit, else as blocks of `header  cell`."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        unlimited = options.update(width=UNLIMITED)
        for column in self.table.columns:
            if column.no_wrap:
                texts = (column.header, *column.cells)
                widths = (Measurement.get(console, unlimited, one) for one in texts)
                column.min_width = max(one.maximum for one in widths)
        needed = Measurement.get(console, unlimited, self.table).minimum
        if needed <= options.max_width:
            yield self.table
            return
        if self.table.title:
            yield Text.assemble((str(self.table.title), "italic"))
        heads = [column.header for column in self.table.columns]
        cells = [list(column.cells) for column in self.table.columns]
        for place, row in enumerate(self.table.rows):
            own = [column[place] for column in cells]
            yield _block(heads, own, str(row.style or ""))
            yield ""
        if self.table.caption:
            yield self.table.caption


def needed_width(table: Table) -> int:
    """Columns of a terminal in which a table is printed without a cut or a break."""
    console = Console(width=UNLIMITED)
    return Measurement.get(console, console.options, table).maximum


def _block(
    heads: list[RenderableType], cells: list[RenderableType], style: str
) -> Table:
    """One row: its first cell, then a line for each other cell that is not empty."""
    block = Table.grid(padding=(0, 2, 0, 0))
    block.add_column(style="dim", no_wrap=True)
    block.add_column(overflow="fold", style=style)
    for head, cell in zip(heads, cells, strict=True):
        if cell:
            block.add_row(head, cell)
    return block
