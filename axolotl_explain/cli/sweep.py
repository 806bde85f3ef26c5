"""`axolotl explain sweep`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live
from rich.markup import escape

if TYPE_CHECKING:
    from axolotl_explain.core.errors import ExplainError
    from axolotl_explain.sweep.grid import Grid
    from axolotl_explain.sweep.plan import Planned
    from axolotl_explain.sweep.run import Run
    from axolotl_explain.sweep.schedule import Carrier, Ended
    from axolotl_explain.sweep.watch import Watch, Watched

REFRESH = 1.0
"""Seconds between two pictures of the table."""

LINES_AROUND = 6
"""What a table has besides its rows."""

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended."""


@click.command()
@click.argument("grid", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--dry-run", is_flag=True, help="Print the runs and how far each is; run nothing."
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Runs at a time.  [default: one for each GPU; without any, as many as cores "
    "and memory carry]",
)
@click.option("--ray", is_flag=True, help="Run on a Ray cluster.")
def sweep(grid: str, dry_run: bool, jobs: int | None, ray: bool) -> None:
    """Train and evaluate a recipe with every combination of values, and compare.

    GRID is a YAML file with a base recipe, lists of values for keys of it, and a folder
    for everything that is written. What is finished is kept, what was interrupted goes
    on, what has changed runs anew. It ends with the report.
    """
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    from axolotl_explain.report.chart_image import require_matplotlib
    from axolotl_explain.support.yaml_file import read_recipe
    from axolotl_explain.sweep.folders import EARLIER
    from axolotl_explain.sweep.grid import read_grid
    from axolotl_explain.sweep.locks import only_sweep
    from axolotl_explain.sweep.plan import elsewhere, plan, reused
    from axolotl_explain.sweep.shelf import bring_back, copy_in
    from axolotl_explain.sweep.table import plan_table

    console = Console()
    described = read_grid(grid)
    carrier = _carrier(ray)
    planned = plan(described, read_recipe(described.recipe), not carrier.has_gpu)
    out = Path(described.out)
    here = elsewhere(planned, out)
    there = reused(planned, described, here)
    if described.reuse:
        others = ", ".join(described.reuse)
        told = f"{len(there)} of {len(planned)} runs can be copied from {others}."
        console.print(told, highlight=False, soft_wrap=True)
    if dry_run:
        console.print(plan_table(planned, {**there, **here}))
        console.print(f"{len(planned)} runs, each in a folder below {out / 'runs'}.")
        return
    require_matplotlib()
    with only_sweep(out):
        bring_back(elsewhere(planned, out), out / EARLIER)
        copy_in(there, out / EARLIER)
        failed = _carried_out(console, planned, carrier, jobs)
        _report(console, described, planned, failed)
    if failed:
        raise click.exceptions.Exit(1)


def _carrier(ray: bool) -> Carrier:
    if ray:
        from axolotl_explain.sweep.cluster import Cluster

        return Cluster()
    from axolotl_explain.sweep.local import Local

    return Local()


def _carried_out(
    console: Console, planned: Sequence[Planned], carrier: Carrier, jobs: int | None
) -> Mapping[str, ExplainError]:
    """Carry out all runs and show them meanwhile; name -> why, of those that failed."""
    from axolotl_explain.sweep.schedule import Schedule
    from axolotl_explain.sweep.watch import Watch

    slots = carrier.slots(jobs, len(planned))
    watch = Watch.of(planned, len(slots))
    console.print(
        f"{len(planned)} runs, {len(slots)} at a time; follow one in the commands.log "
        "of its folder.",
        highlight=False,
        soft_wrap=True,
    )
    runs = [one.run for one in planned]
    try:
        with _shown(console, watch) as listener:
            schedule = Schedule(runs, slots, carrier, listener, carrier.memory())
            return schedule.carry_out()
    except KeyboardInterrupt:
        console.print("Stopped. Started again, the sweep goes on where it was.")
        raise click.exceptions.Exit(INTERRUPTED) from None


@contextmanager
def _shown(console: Console, watch: Watch) -> Iterator[Shown]:
    """A table that lives on a terminal; elsewhere, a line for whatever happens."""
    if not console.is_terminal:
        yield Shown(console, watch)
        return
    with Live(console=console, auto_refresh=False, transient=False) as live:
        shown = Shown(console, watch, live)
        try:
            yield shown
        finally:
            shown.draw()


class Shown:
    """Passes on what happens to the watch, and shows it."""

    def __init__(
        self, console: Console, watch: Watch, live: Live | None = None
    ) -> None:
        self.console, self.watch, self.live = console, watch, live
        self.drawn = 0.0

    def step(self, run: Run, step: str) -> None:
        self.watch.step(run, step)

    def ended(self, run: Run, how: Ended, why: str) -> None:
        self.watch.ended(run, how, why)

    def tick(self) -> None:
        for one, state, why in self.watch.take_news():
            self._tell(one, state, why)
        if self.live is not None and time.monotonic() - self.drawn > REFRESH:
            self.draw()

    def draw(self) -> None:
        """Draw the table as things stand."""
        from axolotl_explain.sweep.table import live_table

        if self.live is None:
            return
        self.watch.look()
        self.drawn = time.monotonic()
        room = self.console.height - LINES_AROUND
        self.live.update(live_table(self.watch, self.drawn, room), refresh=True)

    def _tell(self, one: Watched, state: str, why: str) -> None:
        from axolotl_explain.sweep.table import told

        if why:
            text = f"[red]{escape(one.run.name)} failed[/red]: {escape(why)}"
            self.console.print(text, highlight=False, soft_wrap=True)
        elif self.live is None:
            line = escape(told(one, state))
            self.console.print(f"  {line}", highlight=False, soft_wrap=True)


def _report(
    console: Console,
    described: Grid,
    planned: Sequence[Planned],
    failed: Mapping[str, ExplainError],
) -> None:
    """The results of all runs that have any, as a file and as a page."""
    from axolotl_explain.cli.report import tell
    from axolotl_explain.report.build import build
    from axolotl_explain.sweep.results import RESULTS, write_results

    out = Path(described.out)
    write_results(out / RESULTS, planned, failed)
    finished = [one.run for one in planned if one.run.stage() == "finished"]
    if finished:
        folders = [run.folder for run in finished]
        with console.status("writing the report") as status:
            built = build(
                folders, out / "report", described.title, progress=status.update
            )
        tell(console, built)
    console.print(
        f"{len(finished)} of {len(planned)} runs are finished; the results of all are "
        f"in {out / RESULTS}.",
        highlight=False,
        soft_wrap=True,
    )
    for name in failed:
        run = next(one.run for one in planned if one.run.name == name)
        console.print(f"Failed: {name}, see {run.log}.", style="red", soft_wrap=True)
