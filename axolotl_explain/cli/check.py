"""`axolotl explain check`."""

from __future__ import annotations

import json
import time
from typing import Any

import click
from rich.console import Console

from axolotl_explain.cli.progress import progress_bar


def _print_kinds(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """Every kind of finding; RECIPE need not be named."""
    if not asked:
        return
    from axolotl_explain.checking.codes import CODES

    for name, code in CODES.items():
        click.echo(click.style(f"{name} ({code.severity})", bold=True))
        for text in (code.what, code.remedy):
            click.echo(click.wrap_text(text, _width(), "  ", "  "))
    ctx.exit()


def _width() -> int:
    return min(88, Console().width)


@click.command()
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False))
@click.option("--strict", is_flag=True, help="Exit with 1 on warnings too.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--machine",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "cpu", "gpu"]),
    help="What RECIPE is to be trained on; auto: what its keys ask for.",
)
@click.option(
    "--memory",
    type=click.FloatRange(0, min_open=True),
    help="GB of the card that it is to fit; prints the estimate, part by part.",
)
@click.option(
    "--gpus", type=click.IntRange(1), help="With --memory: how many such cards."
)
@click.option(
    "--findings",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_kinds,
    help="Print every kind of finding with its remedy, and stop.",
)
def check(  # noqa: PLR0913, PLR0917
    recipe: str,
    strict: bool,
    as_json: bool,
    machine: Any,
    memory: float | None,
    gpus: int | None,
) -> None:
    """Look at RECIPE and all its rows before anything is trained.

    Says what Axolotl does in silence and what is wrong with the data, with row numbers
    and what to do. Loads no model, needs no GPU and no network. Exits with 1 on errors.
    --findings prints all kinds of findings.
    """
    from axolotl_explain.cli.quiet import drop_banner, quiet_host

    drop_banner(as_json)
    quiet_host()
    from axolotl_explain.checking.check_recipe import check_recipe
    from axolotl_explain.checking.finding import exit_code
    from axolotl_explain.checking.findings_table import print_findings
    from axolotl_explain.checking.gpu_memory import GpuMemory

    console = Console()
    begin = time.monotonic()
    gpu = None if memory is None else GpuMemory(memory, gpus)
    with progress_bar() as bar:

        def progress(doing: str, done: int, total: int) -> None:
            bar.update(done, total, doing)

        result = check_recipe(recipe, machine, progress, gpu)
    if as_json:
        content = {
            "recipe": recipe,
            "machine": result.machine,
            "rows": result.rows,
            "findings": [one.to_json() for one in result.findings],
        }
        if result.memory is not None:
            content["memory"] = result.memory.to_json()
        click.echo(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        print_findings(console, recipe, result, time.monotonic() - begin)
        if result.memory is not None:
            console.print(f"\nMemory, estimated:\n{result.memory.table()}")
    raise SystemExit(exit_code(result.findings, strict))
