"""`axolotl explain recipes`: list the shipped recipes, show one, take one."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group(invoke_without_command=True)
@click.option(
    "--memory",
    type=click.IntRange(1),
    help="Only those that fit a card of so many GB (and those for a CPU).",
)
@click.option(
    "--gpus",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="With --memory: how many such cards there are.",
)
@click.option("--family", help="Only those of one family, such as qwen3.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def recipes(
    ctx: click.Context, memory: int | None, gpus: int, family: str | None, as_json: bool
) -> None:
    """Recipes to start from: list them, show one, or copy one with your own data."""
    if ctx.invoked_subcommand is not None:
        return
    from axolotl_explain.cli.quiet import drop_banner, quiet_host

    drop_banner(as_json)
    quiet_host()
    from axolotl_explain.catalog.recipe_table import (
        print_recipes,
        print_sweeps,
        recipe_facts,
    )

    rows = recipe_facts(memory, gpus, family)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        print_recipes(rows)
        if memory is None and family is None:
            print_sweeps()


@recipes.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a recipe, or a sweep, as it is shipped."""
    from axolotl_explain.catalog.shipped_recipes import shipped_recipe
    from axolotl_explain.cli.quiet import drop_banner
    from axolotl_explain.support.shipped import shipped_name, sweep_paths

    drop_banner(for_programs=True)
    sweep = sweep_paths().get(shipped_name(name))
    if sweep is not None:
        click.echo(sweep.read_text("utf-8"), nl=False)
        return
    click.echo(shipped_recipe(name).text, nl=False)


@recipes.command()
@click.argument("name")
@click.option("--model", help="A hub id or a folder, in the place of base_model.")
@click.option("--data", help="A file of rows, or a folder with train and test files.")
@click.option("--test-data", help="A file of rows to evaluate on.")
@click.option("--level", help="A level, or weights such as '{none: 1, long: 3}'.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; without it, named after the recipe.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def copy(name: str, out: Path | None, force: bool, **changes: str | None) -> None:
    """Write a recipe of your own, with its comments."""
    from axolotl_explain.cli.quiet import quiet_host

    quiet_host()
    from axolotl_explain.catalog.copy_recipe import RecipeChanges, write_copy
    from axolotl_explain.catalog.header import parse_header
    from axolotl_explain.catalog.shipped_recipes import shipped_recipe

    found = shipped_recipe(name)
    out = out or Path(found.name.replace("/", "-") + ".yml")
    notes = write_copy(found, RecipeChanges(**changes), out, force)
    header = parse_header(out.read_text("utf-8"), str(out))
    click.echo(f"Wrote {out}.")
    for note in notes:
        click.echo(f"Note: {note}")
    click.echo(f"It needs {header.needs}")
    for command in filter(None, (header.first, header.run)):
        click.echo(f"  {command}")
