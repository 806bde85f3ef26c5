"""The progress bar of every command: one line, on a terminal alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

ROOM = 19
"""Characters for a short bar, what is done and the time left, whatever is described."""


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """Moves one bar; does nothing where there is none to see."""

    bar: Progress
    task: TaskID

    def advance(self, by: int = 1) -> None:
        """So much more is done."""
        if not self.bar.disable:
            self.bar.advance(self.task, by)

    def update(self, done: int, total: int | None = None, doing: str = "") -> None:
        """So much is done, of a total and by a description where they have changed."""
        if not self.bar.disable:
            self.bar.update(
                self.task, completed=done, total=total, description=doing or None
            )


@contextmanager
def progress_bar(
    doing: str = "", total: int | None = None, console: Console | None = None
) -> Iterator[ProgressBar]:
    """A bar that goes when the block ends; silent where there is no terminal.

    Args:
        total: None where it is not known: rows are counted then.
        console: what else the command prints to meanwhile; stderr by default.
    """
    console = console or Console(stderr=True)
    with Progress(
        TextColumn(
            "{task.description}",
            style="dim",
            table_column=Column(
                no_wrap=True,
                overflow="ellipsis",
                max_width=max(1, console.width - ROOM),
            ),
        ),
        BarColumn(bar_width=None, table_column=Column(min_width=4)),
        TaskProgressColumn(
            text_format_no_percentage="{task.completed:,.0f} rows",
            table_column=Column(no_wrap=True),
        ),
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        yield ProgressBar(bar, bar.add_task(doing, total=total))
