"""`axolotl explain convert`: any dataset of explanations into another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from axolotl_explain.cli.columns_option import parse_columns
from axolotl_explain.cli.progress import progress_bar
from axolotl_explain.cli.writing import writing
from axolotl_explain.conversion.row_formats import ROW_FORMATS
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.recipe.options import ExplainOptions, parse_options
from axolotl_explain.sources.draft import Several
from axolotl_explain.sources.presets import PRESETS

SHOWN_EVERY = 1_000
"""Rows."""


@click.command()
@click.argument("source", metavar="FILE")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, .jsonl or .parquet.",
)
@click.option("--preset", type=click.Choice([*PRESETS]), help="The public dataset.")
@click.option(
    "--columns",
    multiple=True,
    metavar="PART=COLUMN",
    help="Where a part of an example stands (instruction, input, answer, short, "
    "medium, long, id, system, level): the name of a column, or a jinja2 template; "
    "may be repeated.",
)
@click.option("--messages", is_flag=True, help="Rows are conversations.")
@click.option(
    "--recipe",
    type=click.Path(exists=True, dir_okay=False),
    help="Read rows as this recipe does, by its dataset with the same path, or its "
    "first.",
)
@click.option(
    "--several-explanations",
    type=click.Choice(get_args(Several)),
    help="Where a row has several explanations of one level.",
)
@click.option("--seed", type=int, help="Of the draw among several explanations.")
@click.option(
    "--on-bad-row",
    type=click.Choice(["error", "skip"]),
    help="At a row that cannot be read.  [default: skip with a preset, else error]",
)
@click.option(
    "--to",
    "row_format",
    type=click.Choice([*ROW_FORMATS]),
    default="canonical",
    show_default=True,
    help="Shape of the rows; all but canonical hold one level.",
)
@click.option("--level", type=click.Choice(LEVELS), help="The level to write.")
@click.option(
    "--end",
    default="",
    help="With --to input_output: the model's end token, which Axolotl adds nowhere.",
)
@click.option("--split", default="train", show_default=True, help="Of a hub dataset.")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
def convert(
    source: str, out: Path, overwrite: bool, recipe: str | None, **given: Any
) -> None:
    """Write FILE (or a hub dataset) as canonical rows, or in another tool's format.

    Nothing is written unless all of it can be. Memory does not grow with the rows.
    """
    from axolotl_explain.conversion.conversion import Conversion, convert_file

    if out.exists() and not overwrite:
        raise ExplainError(
            f"--out {out}: the file exists; name another, or pass --overwrite."
        )
    output = {key: given.pop(key) for key in ("row_format", "level", "end", "split")}
    if output["end"] and output["row_format"] != "input_output":
        raise ExplainError(
            f"--end {output['end']}: only --to input_output writes it; leave it out."
        )
    options = _options(source, recipe, given)
    what = Conversion(source=source, out=out, options=options, **output)
    with writing(out), progress_bar("Converting") as bar:

        def on_row(done: int) -> None:
            if done % SHOWN_EVERY == 0:
                bar.update(done)

        counts = convert_file(what, on_row)
    for line in counts.lines(what.level):
        click.echo(f"  {line}")
    click.echo(f"Wrote {out}.")


def _options(source: str, recipe: str | None, given: dict[str, Any]) -> ExplainOptions:
    """How rows are read: as the options say, or as the recipe does."""
    block = {
        key: value
        for key, value in given.items()
        if value is not None and value not in ((), False)
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
    return ExplainOptions(**parse_options(block, "convert"))
