"""What `axolotl explain new` asks for, and what it takes for an answer."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from axolotl_explain.cli.columns_option import parse_columns
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.options import parse_options
from axolotl_explain.support.shipped import shipped_example

if TYPE_CHECKING:
    from axolotl_explain.catalog.look import Asked
    from axolotl_explain.catalog.machine import Machine

MOST_GPUS = 8


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
