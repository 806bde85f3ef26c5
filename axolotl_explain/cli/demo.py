"""`axolotl explain demo`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from axolotl_explain.sweep.one_run import SweepRun
    from axolotl_explain.sweep.scheduler import RunEnd


@click.command()
@click.option(
    "--out",
    default="outputs/demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Everything the demo writes goes below this folder.",
)
def demo(out: Path) -> None:
    """Train the same tiny model at every level of explanation, and compare.

    The task is to add four to six numbers modulo 10, where guessing is right in one
    case of ten. What is finished is kept: started again, the demo goes on.
    """
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    from axolotl_explain.support.narrow_table import FittedTable
    from axolotl_explain.sweep.demo import PLOT, execute_demo, plan_demo, summarise
    from axolotl_explain.sweep.demo_plot import WITHOUT, can_plot

    console = Console()
    runs = plan_demo(out)
    console.print(
        "A tiny Llama, made from a seed, learns to add numbers modulo 10: four times, "
        f"each at another level, below {out}. The commands for one level are",
        highlight=False,
    )
    for command in runs[0].commands().values():
        console.print(f"  {' '.join(command)}", style="dim", soft_wrap=True)
    execute_demo(runs, out, StepPrinter(console, runs))
    summary = summarise(runs, out)
    console.print(FittedTable(_table(summary)))
    by_name = {run.name: run for run in runs}
    for level in summary["levels"]:
        _print_completion(console, by_name[level])
    picture = PLOT if can_plot() else WITHOUT
    console.print(
        f"Kept below {out}: metrics.json, for each level its recipe, model, log and "
        f"completions, and {picture}.",
        markup=False,
    )


class StepPrinter:
    """A `Listener` that prints when a run begins a step, and how long it took."""

    def __init__(self, console: Console, runs: Sequence[SweepRun]) -> None:
        self.console = console
        self.began_at = {run.name: time.monotonic() for run in runs}

    def step_began(self, run: SweepRun, step: str) -> None:
        """A run has begun a step."""
        if step == "training":
            self.began_at[run.name] = time.monotonic()
            step = f"training … (follow it in {run.log})"
        self._print(run, step)

    def machine_lost(self, run: SweepRun, why: str) -> None:
        """A run has lost its machine."""
        self._print(run, f"goes on: {why}")

    def run_ended(self, run: SweepRun, how: RunEnd, why: str) -> None:
        """A run has ended."""
        seconds = time.monotonic() - self.began_at[run.name]
        texts = {"kept": "kept from before", "finished": f"finished, {seconds:.0f} s"}
        self._print(run, texts.get(how, how))

    def tick(self) -> None:
        """Nothing is printed between steps."""

    def _print(self, run: SweepRun, text: str) -> None:
        line = f"  {run.name:>6}  {text}"
        self.console.print(line, soft_wrap=True, highlight=False)


def _table(summary: dict[str, Any]) -> Table:
    title = f"{summary['task'].capitalize()}: chance is {summary['chance']:.0%}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("level")
    for name in ("rows", "exact match", "95 % interval", "parsed", "tokens", "steps"):
        table.add_column(name, justify="right", no_wrap=True)
    for level, metrics in summary["levels"].items():
        low, high = metrics["interval"]
        table.add_row(
            level,
            str(metrics["num_rows"]),
            f"{metrics['exact_match']:.1%}",
            f"{low:.1%} - {high:.1%}",
            f"{metrics['parsed_rate']:.1%}",
            f"{metrics['tokens_per_completion']:.1f}",
            str(metrics["steps"]),
        )
    return table


def _print_completion(console: Console, run: SweepRun) -> None:
    from rich.markup import escape

    from axolotl_explain.sweep.demo import first_completion

    row = first_completion(run)
    verdict = "right" if row["exact_match"] else f"wrong, it is {row['answer']}"
    prompt = escape(row["prompt"].strip())
    console.print(f"[bold]{run.name}[/bold]  {prompt}  ({verdict})")
    for line in row["completion"].splitlines():
        console.print(f"    {escape(line)}", highlight=False)
    console.print()
