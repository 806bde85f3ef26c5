"""Lengths as a table of bars, in characters."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from axolotl_explain.inspection.lengths import Lengths

LEVEL_COLOURS = {"none": "default", "short": "yellow", "medium": "cyan", "long": "blue"}
MISSING = "–"
BLOCKS = " ▏▎▍▌▋▊▉█"


def lengths_table(lengths: Lengths, width: int) -> Table:
    """Bins down, levels across, a bar with its count in each cell."""
    table = Table(
        title="Lengths in tokens",
        title_style="bold",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    table.add_column("", justify="right", no_wrap=True)
    digits = max(len(cell) for cells in _usual(lengths).values() for cell in cells)
    room = (width - 14) // len(lengths.groups) - digits - 4
    room = max(4, min(24, room))
    for group in lengths.groups:
        table.add_column(Text(group.name), style=LEVEL_COLOURS.get(group.name, ""))
    for number, (low, high) in enumerate(lengths.bins):
        bars = [
            _bar(group.counts[number], max(group.counts), room, digits)
            for group in lengths.groups
        ]
        table.add_row(_span(low, high), *bars)
    table.add_section()
    for name, cells in _usual(lengths).items():
        numbers = (Text(cell.rjust(digits), "default") for cell in cells)
        table.add_row(Text(name, "dim"), *numbers)
    return table


def _usual(lengths: Lengths) -> dict[str, list[str]]:
    """What stands below the bars."""
    found: dict[str, list[int | float | None]] = {
        "rows": [len(group.sizes) for group in lengths.groups],
        "median": [group.median for group in lengths.groups],
        "longest": [group.longest for group in lengths.groups],
        "too long": [group.num_too_long for group in lengths.groups],
    }
    usual = {
        name: [MISSING if one is None else f"{one:,.0f}" for one in values]
        for name, values in found.items()
    }
    if not any(found["too long"]):
        del usual["too long"]
    shares = [group.share_trained for group in lengths.groups]
    usual["in the loss"] = [MISSING if one is None else f"{one:.0%}" for one in shares]
    return usual


def longest(lengths: Lengths) -> str:
    """The longest row against what is allowed, in words."""
    limit = lengths.sequence_len
    of = "" if limit is None else f" of {limit:,}"
    key = "" if limit is None else " (sequence_len)"
    return f"The longest row has {lengths.longest:,}{of} tokens{key}."


def _bar(count: int, most: int, room: int, digits: int) -> Text:
    eighths = max(1, round(8 * room * count / most)) if count else 0
    full, rest = divmod(eighths, 8)
    bar = "█" * full + (BLOCKS[rest] if rest else "")
    number = f"{count:,}" if count else "·"
    return Text(number.rjust(digits) + " " + bar)


def _span(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"
