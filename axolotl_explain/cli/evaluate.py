"""`axolotl explain eval`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from axolotl_explain.levels import LEVELS


@click.command(name="eval")
@click.option(
    "--recipe",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="The YAML that the model was trained with.",
)
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False),
    help="Folder with the adapter or full model; without it, the base model itself.",
)
@click.option("--data", required=True, help="File of rows, or a hub dataset.")
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(LEVELS),
    help="Ask for this level only; may be repeated.",
)
@click.option("--limit", type=click.IntRange(1), help="At most this many rows.")
@click.option(
    "--max-new-tokens",
    type=click.IntRange(1),
    help="Tokens a completion may have; worked out from the data by default.",
)
@click.option("--batch-size", default=64, show_default=True, type=click.IntRange(1))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for metrics.json and completions.jsonl.",
)
def evaluate(out: Path | None, **options: Any) -> None:
    """Generate greedily for every row of DATA and compare whole answers.

    Prints exact match, parsed rate and tokens per answer for each level that the
    recipe trains, with counts and 95 % intervals.
    """
    from axolotl_explain.cli.quiet import quiet_host
    from axolotl_explain.evaluation.score import by_level
    from axolotl_explain.evaluation.table import metrics_table

    quiet_host()
    from axolotl_explain.evaluation.run import Request, evaluate
    from axolotl_explain.evaluation.store import COMPLETIONS, METRICS, store

    console = Console()
    request = Request(**options)
    with _progress(console) as (bar, task):
        completions = evaluate(
            request, lambda done, total: bar.update(task, advance=done, total=total)
        )
    name = request.model or "the base model"
    title = f"{name} on {request.data}"
    console.print(metrics_table(by_level(completions), title))
    if out is not None:
        facts = {
            "recipe": request.recipe,
            "model": request.model,
            "data": request.data,
            "limit": request.limit,
        }
        store(out, completions, facts)
        console.print(f"Kept {out / METRICS} and {out / COMPLETIONS}.")


@contextmanager
def _progress(console: Console) -> Iterator[tuple[Progress, TaskID]]:
    """A bar on a terminal, nothing elsewhere."""
    with Progress(
        *Progress.get_default_columns(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        yield bar, bar.add_task("generating", total=None)
