"""What a terminal shows while a sweep runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape

from axolotl_explain.sweep.monitor import WAITING, Monitor, StatusChange
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.scheduler import RunEnd
from axolotl_explain.sweep.sweep_tables import live_table, status_line

REFRESH = 1.0
"""Seconds between two drawings of the table."""

LINES_AROUND = 6
"""Lines of a table besides its rows."""


class LiveDisplay:
    """A `Listener` that keeps a monitor up to date and displays it."""

    def __init__(
        self, console: Console, monitor: Monitor, live: Live | None = None
    ) -> None:
        self.console, self.monitor, self.live = console, monitor, live
        self.drawn_at = 0.0

    def step_began(self, run: SweepRun, step: str) -> None:
        """A run has begun a step."""
        self.monitor.step_began(run, step)

    def machine_lost(self, run: SweepRun, why: str) -> None:
        """A run has lost its machine."""
        self.monitor.machine_lost(run, why)

    def run_ended(self, run: SweepRun, how: RunEnd, why: str) -> None:
        """A run has ended."""
        self.monitor.run_ended(run, how, why)

    def tick(self) -> None:
        """Print what has changed; draw the table anew after some time."""
        for change in self.monitor.take_changes():
            self._print(change)
        if self.live is not None and time.monotonic() - self.drawn_at > REFRESH:
            self.draw()

    def draw(self) -> None:
        """Draw the table, where there is one."""
        if self.live is None:
            return
        self.monitor.read_progress()
        self.drawn_at = time.monotonic()
        height = self.console.height - LINES_AROUND
        self.live.update(
            live_table(self.monitor, self.drawn_at, height, self.console.width),
            refresh=True,
        )

    def _print(self, change: StatusChange) -> None:
        name, why = escape(change.status.run.name), escape(change.why)
        if why and change.state == WAITING:
            text = f"[yellow]{name} goes on[/yellow] from its last checkpoint, if any"
            self.console.print(f"{text}: {why}.", highlight=False, soft_wrap=True)
        elif why:
            text = f"[red]{name} failed[/red]: {why}"
            self.console.print(text, highlight=False, soft_wrap=True)
        elif self.live is None:
            line = escape(status_line(change.status, change.state))
            self.console.print(f"  {line}", highlight=False, soft_wrap=True)


@contextmanager
def live_display(console: Console, monitor: Monitor) -> Iterator[LiveDisplay]:
    """A table that is redrawn on a terminal; elsewhere, a line for each change."""
    if not console.is_terminal:
        yield LiveDisplay(console, monitor)
        return
    with Live(console=console, auto_refresh=False, transient=False) as live:
        display = LiveDisplay(console, monitor, live)
        try:
            yield display
        finally:
            display.draw()
