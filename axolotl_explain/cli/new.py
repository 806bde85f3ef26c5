"""`axolotl explain new`: a recipe for a model, rows and a machine of one's own."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axolotl_explain.cli.asking import (
    MOST_GPUS,
    Asking,
    ask_for_machine,
    ask_for_rows,
    check_complete,
)
from axolotl_explain.cli.writing import writing
from axolotl_explain.sources.presets import PRESETS

if TYPE_CHECKING:
    from axolotl_explain.catalog.machine import Machine
    from axolotl_explain.catalog.new_recipe import NewRecipe

MODEL = "HuggingFaceTB/SmolLM2-135M"


@click.command()
@click.option("--model", help="A folder, or a model of the hub.")
@click.option("--data", help="A file of rows, or a folder with train and test files.")
@click.option("--test-data", help="A file of rows to evaluate on.")
@click.option(
    "--memory", type=click.FloatRange(0), help="GB of the card; 0 without a card."
)
@click.option(
    "--gpus", type=click.IntRange(1, MOST_GPUS), help="How many such cards there are."
)
@click.option("--level", help="A level, or weights such as '{none: 1, long: 3}'.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The recipe to write.",
)
@click.option(
    "--thinking/--no-thinking",
    default=None,
    help="Whether explanations go into the reasoning field of the chat template.",
)
@click.option("--preset", type=click.Choice([*PRESETS]), help="Read rows as this one.")
@click.option(
    "--columns",
    multiple=True,
    metavar="PART=COLUMN",
    help="Where a part of an example stands; as for convert, may be repeated.",
)
@click.option("--yes", is_flag=True, help="Ask nothing; take the defaults.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def new(**given: Any) -> None:
    """Write a recipe for your model, your rows and your machine.

    Asks for what is not given. Looks at the rows and at the model's config and
    tokenizer, chooses how to train by the memory that it takes, and says why. Loads no
    model and uses no network.
    """
    check_complete(given)
    from axolotl_explain.cli.quiet import drop_banner, quiet_host

    drop_banner(False)
    quiet_host()
    from axolotl_explain.catalog.copy_recipe import check_out, write_recipe
    from axolotl_explain.catalog.look import check_model, look_at, parsed_level
    from axolotl_explain.catalog.new_recipe import new_recipe

    asking = Asking(given["yes"])
    model = asking.ask(
        "Model: a folder or a hub id", given["model"], MODEL, check_model
    )
    asked = ask_for_rows(asking, model, given)
    machine = ask_for_machine(asking, given["memory"], given["gpus"])
    tell("looking at rows and model")
    look = look_at(asked)
    asking.say(f"The rows have: {', '.join(look.levels) or 'no explanations'}.")
    level = asking.ask(
        "Level", given["level"], look.level, lambda text: parsed_level(text, look.rows)
    )
    out = asking.ask(
        "Recipe to write",
        given["out"],
        Path(f"{re.sub(r'[^a-z0-9.]+', '-', Path(model).name.lower())}.yml"),
        lambda path: check_out(Path(path), given["force"]),
    )
    found = new_recipe(look, level, machine, Path(out).as_posix(), tell)
    show(found)
    if asking.on:
        click.confirm(f"\nWrite {out}?", default=True, abort=True)
    with writing(Path(out)):
        write_recipe(found.text, Path(out))
    click.echo(f"\nWrote {out}. Next:")
    for command in commands(found, machine, out):
        click.echo(f"  {command}")


def tell(doing: str) -> None:
    """Say what takes some seconds, on a terminal."""
    if sys.stderr.isatty():
        click.echo(click.style(f"{doing} …", dim=True), err=True)


def show(found: NewRecipe) -> None:
    """Print what was chosen and why, the memory, and what else there is to know."""
    width = min(shutil.get_terminal_size().columns, 88)
    click.echo()
    for what, why in found.reasons.items():
        click.echo(_hanging(f"{what}: {why}", width))
    if found.need.estimate is not None and found.need.scale == 1:
        click.echo(f"\nMemory, estimated: {found.need.gib:.1f} GB")
        for size, what in found.need.parts:
            click.echo(_hanging(f"  {size:6.2f}  {what}", width, 10))
    if found.notes:
        click.echo()
    for note in found.notes:
        click.echo(_hanging(f"Note: {note}", width))


def _hanging(text: str, width: int, indent: int = 2) -> str:
    return textwrap.fill(
        text,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def commands(found: NewRecipe, machine: Machine, out: Path) -> list[str]:
    """What to run next, in order."""
    check = f"axolotl-explain check {out}"
    if machine.gpus:
        check += f" --memory {machine.memory:g}"
    if machine.gpus > 1:
        check += f" --gpus {machine.gpus}"
    train = [found.first, found.run] if found.first else [found.run]
    return [check, f"axolotl-explain inspect {out}", *train]
