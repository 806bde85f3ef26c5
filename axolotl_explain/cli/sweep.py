"""`axolotl explain sweep`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

if TYPE_CHECKING:
    from axolotl_explain.core.errors import ExplainError
    from axolotl_explain.sweep.backend import Backend
    from axolotl_explain.sweep.grid import Grid
    from axolotl_explain.sweep.grid_runs import GridRun

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
    from axolotl_explain.support.narrow_table import FittedTable
    from axolotl_explain.support.yaml_file import read_recipe
    from axolotl_explain.sweep.archive import bring_back, copy_in
    from axolotl_explain.sweep.grid import read_grid
    from axolotl_explain.sweep.grid_runs import plan_runs
    from axolotl_explain.sweep.locks import only_sweep
    from axolotl_explain.sweep.moved_runs import find_moved, find_reusable
    from axolotl_explain.sweep.run_folders import EARLIER
    from axolotl_explain.sweep.sweep_tables import plan_table

    console = Console()
    described = read_grid(grid)
    backend = _backend(ray)
    planned = plan_runs(described, read_recipe(described.recipe), not backend.has_gpu)
    out = Path(described.out)
    moved = find_moved(planned, out)
    reusable = find_reusable(planned, described, moved)
    if described.reuse:
        others = ", ".join(described.reuse)
        line = f"{len(reusable)} of {len(planned)} runs can be copied from {others}."
        console.print(line, highlight=False, soft_wrap=True)
    if dry_run:
        console.print(FittedTable(plan_table(planned, {**reusable, **moved})))
        console.print(
            f"{len(planned)} runs, each in a folder below {out / 'runs'}.",
            highlight=False,
            soft_wrap=True,
        )
        return
    require_matplotlib()
    with only_sweep(out):
        bring_back(find_moved(planned, out), out / EARLIER)
        copy_in(reusable, out / EARLIER)
        failed = _execute(console, planned, backend, jobs)
        _report(console, described, planned, failed)
    if failed:
        raise click.exceptions.Exit(1)


def _backend(ray: bool) -> Backend:
    if ray:
        from axolotl_explain.sweep.ray_backend import RayBackend

        return RayBackend()
    from axolotl_explain.sweep.local_backend import LocalBackend

    return LocalBackend()


def _execute(
    console: Console, planned: Sequence[GridRun], backend: Backend, jobs: int | None
) -> Mapping[str, ExplainError]:
    """Execute all runs and show them meanwhile; name -> why, of those that failed."""
    from axolotl_explain.sweep.live_display import live_display
    from axolotl_explain.sweep.monitor import Monitor
    from axolotl_explain.sweep.scheduler import Scheduler

    slots = backend.slots(jobs, len(planned))
    monitor = Monitor.of(planned, len(slots))
    console.print(
        f"{len(planned)} runs, {len(slots)} at a time; follow one in the commands.log "
        "of its folder.",
        highlight=False,
        soft_wrap=True,
    )
    runs = [one.run for one in planned]
    try:
        with live_display(console, monitor) as display:
            gate = backend.memory_gate()
            return Scheduler(runs, slots, backend, display, gate).execute()
    except KeyboardInterrupt:
        console.print("Stopped. Started again, the sweep goes on where it was.")
        raise click.exceptions.Exit(INTERRUPTED) from None


def _report(
    console: Console,
    described: Grid,
    planned: Sequence[GridRun],
    failed: Mapping[str, ExplainError],
) -> None:
    """The results of all runs that have any, as a file and as a page."""
    from axolotl_explain.cli.report import tell
    from axolotl_explain.report.write_report import write_report
    from axolotl_explain.sweep.results_file import RESULTS, write_results

    out = Path(described.out)
    write_results(out / RESULTS, planned, failed)
    finished = [one.run for one in planned if one.run.stage() == "finished"]
    if finished:
        folders = [run.folder for run in finished]
        with console.status("writing the report") as status:
            built = write_report(
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
