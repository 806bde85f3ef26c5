"""The options that say how rows are read, of commands that need no recipe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from axolotl_explain.cli.columns_option import parse_columns
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.options import ExplainOptions, parse_options
from axolotl_explain.sources.draft import Several
from axolotl_explain.sources.presets import PRESETS

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

READING = (
    click.option("--preset", type=click.Choice([*PRESETS]), help="The public dataset."),
    click.option(
        "--columns",
        multiple=True,
        metavar="PART=COLUMN",
        help="Where a part of an example stands (instruction, input, answer, short, "
        "medium, long, id, system, level): the name of a column, or a jinja2 template; "
        "may be repeated.",
    ),
    click.option("--messages", is_flag=True, help="Rows are conversations."),
    click.option(
        "--recipe",
        type=click.Path(exists=True, dir_okay=False),
        help="Read rows as this recipe does, by its dataset with the same path, or its "
        "first.",
    ),
    click.option(
        "--several-explanations",
        type=click.Choice(get_args(Several)),
        help="Where a row has several explanations of one level.",
    ),
    click.option("--seed", type=int, help="Of draws, such as among explanations."),
    click.option(
        "--on-bad-row",
        type=click.Choice(["error", "skip"]),
        help="At a row that cannot be read.  [default: skip with a preset, else error]",
    ),
    click.option(
        "--split", default="train", show_default=True, help="Of a hub dataset."
    ),
)
NAMES = ("preset", "columns", "messages", "several_explanations", "seed", "on_bad_row")


def with_reading(command: CommandT) -> CommandT:
    """Give a command the options that `read_as` takes, and `--split`."""
    for option in reversed(READING):
        command = option(command)
    return command


def read_as(source: str, recipe: str | None, given: dict[str, Any]) -> ExplainOptions:
    """How rows are read: as the options say, or as the recipe does.

    Raises:
        ExplainError: naming the option, or the key of the recipe.
    """
    block = {
        key: given[key]
        for key in NAMES
        if given.get(key) is not None and given[key] not in ((), False)
    }
    if recipe is not None:
        own = [f"--{key.replace('_', '-')}" for key in block]
        if own:
            raise ExplainError(
                f"{', '.join(own)}: the recipe says how rows are read; leave out one "
                "of the two."
            )
        from axolotl_explain.recipe.entry_options import reading_options
        from axolotl_explain.support.yaml_file import read_recipe

        return reading_options(read_recipe(recipe), source)
    if "columns" in block:
        block["columns"] = parse_columns(block["columns"])
    if "messages" in block:
        block["messages"] = {}
    command = click.get_current_context().info_name or ""
    return ExplainOptions(**parse_options(block, command))
