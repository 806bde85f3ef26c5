"""The list of shipped recipes, as rows of facts and as a table."""

from __future__ import annotations

from typing import Any

from axolotl_explain.catalog.estimates import read_estimates
from axolotl_explain.catalog.header import comment_lines
from axolotl_explain.catalog.needs import ROOM
from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes
from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.support.shipped import sweep_paths

COLUMNS = ("recipe", "memory", "what it is for")


def recipe_facts(
    memory: int | None = None, gpus: int = 1, family: str | None = None
) -> list[dict[str, Any]]:
    """One mapping for each recipe that is asked for, those for a CPU first.

    Args:
        memory: of a card, in GB; recipes that leave no tenth of it are left out, and
            what uses most of it comes first.
        gpus: how many such cards there are.
        family: a folder of recipes.

    Raises:
        ExplainError: if there is no such family.
    """
    found = shipped_recipes()
    families = list(dict.fromkeys(entry.family for entry in found))
    if family is not None and family not in families:
        raise ExplainError(
            f"--family {quoted(family)}: there is none; use {', '.join(families)}."
        )
    needed = read_estimates()
    rows = [
        _facts(entry, needed.get(entry.name))
        for entry in found
        if family in (None, entry.family)
    ]
    if memory is None:
        return sorted(rows, key=_need)
    fitting = [row for row in rows if _runs_on(row, memory, gpus)]
    return sorted(fitting, key=_need, reverse=True)


def _facts(entry: ShippedRecipe, needed: float | None) -> dict[str, Any]:
    hardware = entry.header.hardware
    return {
        "name": entry.name,
        "family": entry.family,
        "method": entry.method,
        "size": entry.size,
        "model": entry.recipe["base_model"],
        "gpus": hardware.gpus,
        "memory_gb": hardware.memory,
        "estimated_gib_each": needed,
        "title": entry.header.title,
        "purpose": entry.header.purpose,
        "needs": entry.header.needs,
        "first": entry.header.first,
        "run": entry.header.run,
        "hardware": str(hardware),
    }


def _need(row: dict[str, Any]) -> tuple[int, float, str]:
    return row["gpus"], row["estimated_gib_each"] or 0.0, row["name"]


def _runs_on(row: dict[str, Any], memory: int, gpus: int) -> bool:
    needed = row["estimated_gib_each"]
    return needed is None or (row["gpus"] <= gpus and needed <= ROOM * memory)


def print_sweeps() -> None:
    """Print the shipped sweeps with the question that each of them asks."""
    from rich.console import Console
    from rich.table import Table

    from axolotl_explain.support.narrow_table import FittedTable

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("sweep", no_wrap=True)
    table.add_column("needs", no_wrap=True)
    table.add_column("what it asks")
    for name, path in sweep_paths().items():
        lines = comment_lines(path.read_text("utf-8"))
        needs = next(one for one in lines if one.startswith("Needs:"))
        table.add_row(name, "CPU" if "any CPU" in needs else "GPU", lines[0])
    console = Console()
    console.print()
    console.print(FittedTable(table))
    console.print(
        "\n`sweep NAME` runs one, `recipes show NAME` prints it.",
        highlight=False,
        markup=False,
    )


def print_recipes(rows: list[dict[str, Any]]) -> None:
    """Print the rows for people."""
    from rich.console import Console
    from rich.table import Table

    from axolotl_explain.support.narrow_table import FittedTable

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, no_wrap=column != COLUMNS[-1])
    for row in rows:
        table.add_row(row["name"], _memory(row), row["purpose"].rstrip("."))
    console = Console()
    console.print(FittedTable(table))
    console.print(
        "\n`recipes copy NAME --data FILE` writes one of your own; memory: estimated.",
        highlight=False,
        markup=False,
    )


def _memory(row: dict[str, Any]) -> str:
    """What is estimated, and the card that the recipe asks for.

    >>> _memory({"gpus": 2, "estimated_gib_each": 27.2, "memory_gb": 48})
    '2 x 27.2 of 48 GB'
    """
    if not row["gpus"]:
        return "CPU"
    count = f"{row['gpus']} x " if row["gpus"] > 1 else ""
    return f"{count}{row['estimated_gib_each']:.1f} of {row['memory_gb']} GB"
