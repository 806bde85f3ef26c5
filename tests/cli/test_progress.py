"""The bar of every command: one line at any width, and nothing without a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from axolotl_explain.cli.progress import progress_bar


def drawn(width: int, doing: str, done: int, total: int | None) -> str:
    """What stands on a terminal of this width."""
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system=None
    )
    picture = Console(file=io.StringIO(), width=width, color_system=None)
    with progress_bar(doing, total, console) as bar:
        bar.update(done)
        picture.print(bar.bar.get_renderable())
    assert isinstance(picture.file, io.StringIO)
    return picture.file.getvalue()


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("doing", ["", "generating", "Reading a_file.tsv " * 4])
def test_it_is_one_line_that_says_how_much_is_done(width: int, doing: str) -> None:
    for total, told in ((1_000, "20%"), (None, "200 rows")):
        line = drawn(width, doing, 200, total)
        assert line.count("\n") == 1
        assert told in line
        assert len(line.rstrip("\n")) <= width


def test_a_short_description_is_whole_at_40_columns() -> None:
    assert "Drawing labelled_sum" in drawn(40, "Drawing labelled_sum", 1, 3)


def test_total_and_description_change_where_they_are_named() -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    with progress_bar("reading", 10, console) as bar:
        bar.update(2)
        bar.advance()
        (task,) = bar.bar.tasks
        assert (task.description, task.completed, task.total) == ("reading", 3, 10)
        bar.update(1, 4, "checking")
        assert (task.description, task.completed, task.total) == ("checking", 1, 4)


def test_without_a_terminal_it_is_silent() -> None:
    console = Console(file=io.StringIO(), force_terminal=False)
    with progress_bar("reading", 10, console) as bar:
        bar.advance()
        bar.update(10)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
