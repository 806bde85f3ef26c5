"""`axolotl explain demo`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from axolotl_explain.core.levels import Level
    from axolotl_explain.sweep.one_run import SweepRun


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
    from axolotl_explain.sweep.demo import execute, plan_runs, summarise
    from axolotl_explain.sweep.demo_plot import WITHOUT, can_plot

    console = Console()
    runs = plan_runs(out)
    console.print(
        "A tiny Llama, made from a seed, learns to add numbers modulo 10: four times, "
        f"each at another level, below {out}. The commands for one level are",
        soft_wrap=True,
    )
    for command in runs["long"].commands().values():
        console.print(f"  {' '.join(command)}", style="dim", soft_wrap=True)
    execute(runs, out, Steps(console, runs))
    summary = summarise(runs, out)
    console.print(_table(summary))
    for level, run in runs.items():
        _show_completion(console, level, run)
    picture = "accuracy.png" if can_plot() else WITHOUT
    console.print(
        f"Kept below {out}: metrics.json, for each level its recipe, model, log and "
        f"completions, and {picture}.",
        markup=False,
    )


class Steps:
    """Says when a run begins a step, and how long it took."""

    def __init__(self, console: Console, runs: Mapping[Level, SweepRun]) -> None:
        self.console = console
        self.logs = {run.name: run.log for run in runs.values()}
        self.begun = {run.name: time.monotonic() for run in runs.values()}

    def __call__(self, level: str, step: str) -> None:
        seconds = time.monotonic() - self.begun[level]
        if step == "kept":
            step = "kept from before"
        elif step == "finished":
            step = f"finished, {seconds:.0f} s"
        elif step == "training":
            self.begun[level] = time.monotonic()
            step = f"training … (follow it in {self.logs[level]})"
        self.console.print(f"  {level:>6}  {step}", soft_wrap=True, highlight=False)


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


def _show_completion(console: Console, level: Level, run: SweepRun) -> None:
    from rich.markup import escape

    from axolotl_explain.sweep.demo import one_completion

    shown = one_completion(run)
    verdict = "right" if shown["exact_match"] else f"wrong, it is {shown['answer']}"
    console.print(
        f"[bold]{level}[/bold]  {escape(shown['prompt'].strip())}  ({verdict})"
    )
    for line in shown["completion"].splitlines():
        console.print(f"    {escape(line)}", highlight=False)
    console.print()
