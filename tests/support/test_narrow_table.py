"""A table that does not fit is printed as blocks, and no cell is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from axolotl_explain.support.narrow_table import FittedTable

HEADS = ("level", "exact match", "tokens per completion")
ROWS = [("long", "100.0%", "85.6"), ("none", "9.5%", "")]


def printed(width: int) -> list[str]:
    table = Table(title="a model on its data")
    for head in HEADS:
        table.add_column(head, no_wrap=True)
    for row in ROWS:
        table.add_row(*row)
    out = io.StringIO()
    Console(file=out, width=width).print(FittedTable(table))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [32, 40, 60, 100])
def test_every_cell_is_there_at_any_width(width: int) -> None:
    lines = printed(width)
    assert max(map(len, lines)) <= width
    for text in ("a model on its data", *HEADS, *filter(None, sum(ROWS, ()))):
        assert any(text in line for line in lines), text


def test_it_is_a_table_where_there_is_room_and_blocks_where_there_is_none() -> None:
    (row,) = (line for line in printed(60) if "long" in line)
    assert all(cell in row for cell in ROWS[0])
    blocks = printed(40)
    assert "exact match            100.0%" in [line.rstrip() for line in blocks]
    assert sum("tokens per" in line for line in blocks) == 1
