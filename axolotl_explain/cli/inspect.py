"""`axolotl explain inspect`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from axolotl_explain.core.levels import LEVELS


@click.command()
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--rows",
    "first",
    type=click.IntRange(1),
    help="Show the first so many rows; by default the first of each dataset and level.",
)
@click.option(
    "--row",
    "numbers",
    multiple=True,
    type=click.IntRange(1),
    help="Show what this row of a file became, counted from 1; may be repeated.",
)
@click.option(
    "--level",
    "levels",
    multiple=True,
    type=click.Choice(LEVELS),
    help="Show rows of this level only; may be repeated.",
)
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    type=click.IntRange(1),
    help="Show rows of this dataset only, by its place in the recipe, from 1.",
)
@click.option(
    "--split",
    default="train",
    show_default=True,
    type=click.Choice(["train", "test"]),
    help="Training rows, or those of test_datasets or val_set_size.",
)
@click.option(
    "--stage",
    type=click.IntRange(0),
    help="Show what this stage of explain.internalise trains on.",
)
@click.option("--ids", is_flag=True, help="List each token with its id and label.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page that needs no network, instead of printing.",
)
@click.option(
    "--width", type=click.IntRange(40), help="Columns to print in; the terminal's own."
)
def inspect(  # noqa: PLR0913, PLR0917
    recipe: str,
    first: int | None,
    numbers: tuple[int, ...],
    levels: tuple[str, ...],
    datasets: tuple[int, ...],
    split: Literal["train", "test"],
    stage: int | None,
    ids: bool,
    html: Path | None,
    width: int | None,
) -> None:
    """Show the rows of RECIPE as the model will see them, and what the loss reads.

    Axolotl prepares the data as it would for training, with the recipe's tokenizer and
    without the model, a GPU or what was prepared before. Prompt, explanation, answer
    and end are told apart; lengths are shown per level, with what was dropped.
    """
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    from axolotl_explain.inspection.choose_rows import Choice
    from axolotl_explain.inspection.inspect_recipe import inspect

    console = Console(width=width, highlight=False, markup=False)
    with console.status("preparing the data"):
        choice = Choice(first, numbers, levels, datasets)
        shown = inspect(recipe, split, choice, stage)
    from axolotl_explain.inspection.terminal import print_shown, print_warnings

    if html is None:
        print_shown(console, shown, ids)
        return
    from axolotl_explain.inspection.page import write_page

    write_page(html, shown, ids)
    print_warnings(console, shown)
    console.print(f"Kept {html}, with {len(shown.rows)} of {shown.num_rows:,} rows.")
