"""`axolotl explain report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

if TYPE_CHECKING:
    from axolotl_explain.report.write_report import BuiltReport


@click.command()
@click.argument(
    "runs",
    nargs=-1,
    required=True,
    metavar="RUN...",
    type=click.Path(path_type=Path),
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for report.html, and for its tables (CSV) and plots (PNG, SVG).",
)
@click.option(
    "--title", default="What the explanations did", help="Heading of the page."
)
@click.option(
    "--max-completions",
    default=100_000,
    show_default=True,
    type=click.IntRange(0),
    help="So many at most can be browsed in the page; more make it slow to open.",
)
@click.option(
    "--margin",
    default=2.0,
    show_default=True,
    type=click.FloatRange(0, 100, min_open=True),
    help="In points of exact match: a level is enough where it is shown that no other "
    "is better by so much.",
)
def report(
    runs: tuple[Path, ...], out: Path, title: str, max_completions: int, margin: float
) -> None:
    """Show what runs have learned, on one page that needs no network.

    RUN is a folder that was trained into (output_dir), one that `axolotl explain eval
    --out` wrote, or a folder that holds several of them.
    """
    from axolotl_explain.report.write_report import write_report

    console = Console()
    with console.status("reading") as status:
        built = write_report(
            runs,
            out,
            title,
            max_completions=max_completions,
            margin=margin / 100,
            progress=status.update,
        )
    tell(console, built)


def tell(console: Console, built: BuiltReport) -> None:
    """Say what a report found, in a few lines."""
    content = built.content
    for name, choice in content.choices():
        words = f"{name}: {choice.headline}."
        console.print(words, style="bold", markup=False, soft_wrap=True)
        console.print(" ".join(choice.reasons), markup=False, highlight=False)
    for worth in content.worth:
        name = worth.family.name
        words = f"{name}: what the explanations are worth."
        console.print(words, style="bold", markup=False, soft_wrap=True)
        for sentence in worth.sentences:
            console.print(sentence, markup=False, highlight=False)
    for rows in content.rows_worth:
        console.print(str(rows), markup=False, highlight=False)
    for note in content.notes:
        console.print(f"Note: {note}", style="yellow", markup=False, soft_wrap=True)
    page = built.files[-1]
    others = len(built.files) - 1
    console.print(
        f"Kept {page}, and {others} tables and plots beside it.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
