"""`axolotl explain new`: a recipe for a model, rows and a machine of one's own."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axolotl_explain.cli.columns_option import parse_columns
from axolotl_explain.cli.writing import writing
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.options import parse_options
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.support.shipped import shipped_example

if TYPE_CHECKING:
    from axolotl_explain.catalog.look import Asked
    from axolotl_explain.catalog.machine import Machine
    from axolotl_explain.catalog.new_recipe import NewRecipe

MODEL = "HuggingFaceTB/SmolLM2-135M"
MOST_GPUS = 8


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


def check_complete(given: dict[str, Any]) -> None:
    """Refuse what has to be asked for, where nobody can answer.

    Raises:
        ExplainError: listing the options.
    """
    needed = ("model", "data")
    if not given["yes"]:
        if at_terminal():
            return
        cards = () if given["memory"] == 0 else ("gpus",)
        needed += ("memory", *cards, "level", "out")
    missing = ", ".join(f"--{name}" for name in needed if given[name] is None)
    if not missing:
        return
    if given["yes"]:
        raise ExplainError(f"{missing}: missing; --yes has no default here.")
    raise ExplainError(
        f"{missing}: missing, and there is no terminal to ask on; give them, or add "
        "--yes, which has defaults for all but --model and --data."
    )


def at_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


class Asking:
    """Asks on a terminal; takes the defaults where it is told to."""

    def __init__(self, yes: bool) -> None:
        self.on = at_terminal() and not yes

    def say(self, text: str) -> None:
        """Print something where the user is going to be asked."""
        if self.on:
            click.echo(text)

    def ask(
        self, text: str, given: Any, default: Any, check: Callable[[Any], Any]
    ) -> Any:
        """What an option says, what the user answers, or the default.

        Args:
            check: raises `ExplainError` for an answer that cannot be; then it is asked
                for again. What it returns takes the place of the answer.
        """

        def checked(value: Any) -> Any:
            try:
                found = check(value)
            except ExplainError as error:
                raise click.UsageError(str(error)) from None
            return value if found is None else found

        if given is not None or not self.on:
            value = default if given is None else given
            found = check(value)
            return value if found is None else found
        return click.prompt(text, default=default, value_proc=checked)


def ask_for_rows(asking: Asking, model: str, given: dict[str, Any]) -> Asked:
    """Where the rows are, and how they are read where nothing tells.

    Raises:
        ExplainError: if they cannot be read.
    """
    from axolotl_explain.catalog.copy_recipe import RecipeChanges, named_files
    from axolotl_explain.catalog.look import Asked, Unrecognised, look_at_rows

    block: dict[str, Any] = {}
    if given["preset"]:
        block["preset"] = given["preset"]
    if given["columns"]:
        block["columns"] = parse_columns(given["columns"])
    parse_options(block, "new")

    def check(data: str) -> None:
        train, _ = named_files(RecipeChanges(data=data, test_data=given["test_data"]))
        try:
            look_at_rows(train, block)
        except Unrecognised as error:
            if not asking.on:
                raise
            block["columns"] = ask_for_columns(error.columns)

    data = asking.ask("Rows: a file or a folder", given["data"], example(), check)
    return Asked(model, data, given["test_data"], block, given["thinking"])


def ask_for_columns(columns: list[str]) -> dict[str, str]:
    """Which column is which, where their names do not tell."""
    found = {
        part: click.prompt(f"Column of the {what}", type=click.Choice(columns))
        for part, what in (("instruction", "question"), ("answer", "answer"))
    }
    explains = click.prompt(
        "Column of the explanation, or -",
        default="-",
        type=click.Choice([*columns, "-"]),
    )
    return found if explains == "-" else {**found, "long": explains}


def example() -> str | None:
    """The rows that are offered: those of a folder `data`, or the shipped ones."""
    if any(Path("data").glob("train.*")):
        return "data"
    found = shipped_example("examples/movie_genres")
    return None if found is None else str(found)


def ask_for_machine(asking: Asking, memory: float | None, gpus: int | None) -> Machine:
    """The cards there are.

    Raises:
        ExplainError: if options contradict each other.
    """
    from axolotl_explain.catalog.machine import Machine, this_machine

    here = this_machine() if memory is None else Machine(0, 1)
    memory = float(
        asking.ask("GB of the card, 0 without one", memory, here.memory, check_number)
    )
    if not memory:
        if gpus:
            raise ExplainError(
                f"--gpus {gpus}: --memory 0 says that there is no card; leave one of "
                "them out."
            )
        return Machine(0, 0)

    def check(value: Any) -> int:
        if not str(value).isdigit() or not 1 <= int(value) <= MOST_GPUS:
            raise ExplainError(f"--gpus {value}: a number from 1 to {MOST_GPUS}.")
        return int(value)

    asked = asking.ask("Number of such cards", gpus, max(1, here.gpus), check)
    return Machine(memory, asked)


def check_number(value: Any) -> float:
    """A number of GB.

    Raises:
        ExplainError: if it is none.
    """
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ExplainError(f"--memory {value}: a number of GB, or 0 without a card.")
    return found


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
        for item in found.need.estimate.items:
            if found.need.gpus or item.name != "overhead":
                line = f"{item.bytes / 2**30:6.2f}  {item.name}: {item.how}"
                click.echo(_hanging(f"  {line}", width, 10))
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
