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
    from axolotl_explain.sweep.tuning import Tuned

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C has ended."""


@click.command()
@click.argument("grid")
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
    for everything that is written; or the name of a shipped one, such as
    paper/wide_sums_cpu (`axolotl-explain recipes` lists them). What is finished is
    kept, what was interrupted goes on, what has changed runs anew. It ends with the
    report.
    """
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    from axolotl_explain.report.chart_image import require_matplotlib
    from axolotl_explain.support.shipped import base_recipe_path, grid_path
    from axolotl_explain.support.yaml_file import read_recipe
    from axolotl_explain.sweep.grid import read_grid
    from axolotl_explain.sweep.grid_runs import plan_runs
    from axolotl_explain.sweep.locks import only_sweep
    from axolotl_explain.sweep.tuning import first_values, tuning_grid

    console = Console()
    described = read_grid(str(grid_path(grid)))
    base_path = base_recipe_path(described.recipe)
    if base_path != described.recipe:
        line = f"{described.recipe} is not here; the shipped recipe is used."
        console.print(line, highlight=False, soft_wrap=True)
    base = read_recipe(base_path)
    backend = _backend(ray)
    cpu = not backend.has_gpu
    tuning = tuning_grid(described, base)
    tried = plan_runs(tuning, base, cpu) if tuning else []
    # All faults of the runs are told before the first begins.
    planned = plan_runs(described, base, cpu, tuned=first_values(described))
    tuned = _tuned(described, tried)
    if tuned is not None:
        planned = plan_runs(described, base, cpu, tuned=tuned)
    if dry_run:
        if tuning:
            _show(console, tuning, tried)
        if tuned is None:
            line = f"Then {len(planned)} runs with what is chosen by these."
            console.print(line, highlight=False, soft_wrap=True)
        else:
            _show(console, described, planned)
        return
    require_matplotlib()
    out = Path(described.out)
    with only_sweep(out), backend.ready(out) as where:
        if where:
            console.print(where, highlight=False, soft_wrap=True)
        if tuning:
            _run_tuning(console, tuning, tried, backend, jobs)
            tuned = _tuned(described, tried)
            if tuned is None:
                raise click.exceptions.Exit(1)
            _tell_tuned(console, described, tried)
            planned = plan_runs(described, base, cpu, tuned=tuned)
        failed = _execute(console, described, planned, backend, jobs)
        _report(console, described, planned, tried, failed)
    if failed:
        raise click.exceptions.Exit(1)


def _tuned(grid: Grid, tried: Sequence[GridRun]) -> Tuned | None:
    """What gives each run its chosen values; None where that is still to be found."""
    from axolotl_explain.sweep.tuning import choose, lookup

    if all(one.run.stage() == "finished" for one in tried):
        return lookup(grid, choose(grid, tried))
    return None


def _show(console: Console, grid: Grid, planned: Sequence[GridRun]) -> None:
    """The table of a dry run."""
    from axolotl_explain.support.narrow_table import FittedTable
    from axolotl_explain.sweep.moved_runs import find_moved, find_reusable
    from axolotl_explain.sweep.run_folders import RUNS
    from axolotl_explain.sweep.sweep_tables import plan_table

    out = Path(grid.out)
    moved = find_moved(planned, out)
    reusable = find_reusable(planned, grid, moved)
    _tell_reused(console, grid, planned, len(reusable))
    console.print(FittedTable(plan_table(planned, {**reusable, **moved})))
    console.print(
        f"{len(planned)} runs, each in a folder below {out / RUNS}.",
        highlight=False,
        soft_wrap=True,
    )


def _tell_reused(
    console: Console, grid: Grid, planned: Sequence[GridRun], count: int
) -> None:
    if grid.reuse:
        others = ", ".join(grid.reuse)
        line = f"{count} of {len(planned)} runs can be copied from {others}."
        console.print(line, highlight=False, soft_wrap=True)


def _run_tuning(
    console: Console,
    grid: Grid,
    tried: Sequence[GridRun],
    backend: Backend,
    jobs: int | None,
) -> None:
    """Execute the runs to choose by, and keep their results."""
    from axolotl_explain.sweep.locks import only_sweep
    from axolotl_explain.sweep.results_file import RESULTS, write_results

    out = Path(grid.out)
    with only_sweep(out):
        failed = _execute(console, grid, tried, backend, jobs)
        write_results(out / RESULTS, tried, failed)
        _tell_failed(console, tried, failed)


def _tell_tuned(console: Console, grid: Grid, tried: Sequence[GridRun]) -> None:
    from axolotl_explain.support.narrow_table import FittedTable
    from axolotl_explain.sweep.sweep_tables import tuned_table
    from axolotl_explain.sweep.tuning import choose

    tuned = choose(grid, tried)
    console.print(FittedTable(tuned_table(tuned)))
    edges = sum(bool(one.at_edge) for one in tuned)
    if edges:
        console.print(
            f"{edges} of {len(tuned)} chosen values lie at the edge of what was tried: "
            "a better one may lie beyond it.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )


def _backend(ray: bool) -> Backend:
    if ray:
        from axolotl_explain.sweep.ray_backend import RayBackend

        return RayBackend()
    from axolotl_explain.sweep.local_backend import LocalBackend

    return LocalBackend()


def _execute(
    console: Console,
    grid: Grid,
    planned: Sequence[GridRun],
    backend: Backend,
    jobs: int | None,
) -> Mapping[str, ExplainError]:
    """Execute all runs and show them meanwhile; name -> why, of those that failed."""
    from axolotl_explain.sweep.archive import bring_back, copy_in
    from axolotl_explain.sweep.live_display import live_display
    from axolotl_explain.sweep.monitor import Monitor
    from axolotl_explain.sweep.moved_runs import find_moved, find_reusable
    from axolotl_explain.sweep.run_folders import EARLIER
    from axolotl_explain.sweep.scheduler import Scheduler
    from axolotl_explain.sweep.sweep_tables import losses_line

    out = Path(grid.out)
    moved = find_moved(planned, out)
    reusable = find_reusable(planned, grid, moved)
    _tell_reused(console, grid, planned, len(reusable))
    bring_back(moved, out / EARLIER)
    copy_in(reusable, out / EARLIER)
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
            failed = Scheduler(runs, slots, backend, display, gate).execute()
    except KeyboardInterrupt:
        console.print("Stopped. Started again, the sweep goes on where it was.")
        raise click.exceptions.Exit(INTERRUPTED) from None
    if line := losses_line(monitor):
        console.print(line, style="yellow", markup=False, soft_wrap=True)
    return failed


def _report(
    console: Console,
    described: Grid,
    planned: Sequence[GridRun],
    tried: Sequence[GridRun],
    failed: Mapping[str, ExplainError],
) -> None:
    """The results of all runs that have any, as a file and as a page."""
    from axolotl_explain.cli.report import tell
    from axolotl_explain.report.write_report import write_report
    from axolotl_explain.sweep.results_file import RESULTS, write_results
    from axolotl_explain.sweep.tuning import choose

    out = Path(described.out)
    tuned = choose(described, tried) if tried else []
    write_results(out / RESULTS, planned, failed, tuned)
    finished = [one.run for one in planned if one.run.stage() == "finished"]
    if finished:
        # Of a chain, its kept stage is an arm beside others; the stages are no runs.
        folders = [run.results if run.chain else run.folder for run in finished]
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
    _tell_failed(console, planned, failed)


def _tell_failed(
    console: Console, planned: Sequence[GridRun], failed: Mapping[str, ExplainError]
) -> None:
    for name in failed:
        run = next(one.run for one in planned if one.run.name == name)
        console.print(f"Failed: {name}, see {run.log}.", style="red", soft_wrap=True)
