"""`axolotl explain convert`: any dataset of explanations into another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from axolotl_explain.cli.progress import progress_bar
from axolotl_explain.cli.reading import read_as, with_reading
from axolotl_explain.cli.writing import writing
from axolotl_explain.conversion.row_formats import ROW_FORMATS
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS

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
@with_reading
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
    options = read_as(source, recipe, given)
    what = Conversion(source=source, out=out, options=options, **output)
    with writing(out), progress_bar("Converting") as bar:

        def on_row(done: int) -> None:
            if done % SHOWN_EVERY == 0:
                bar.update(done)

        counts = convert_file(what, on_row)
    for line in counts.lines(what.level):
        click.echo(f"  {line}")
    click.echo(f"Wrote {out}.")
