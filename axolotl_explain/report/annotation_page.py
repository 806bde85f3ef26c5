"""What came of a teacher as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from axolotl_explain.report.number_format import format_percent
from axolotl_explain.report.templating import environment, style
from axolotl_explain.results.annotation import AnnotationSummary, Share
from axolotl_explain.support.safe_text import Run, one_line, visible
from axolotl_explain.support.whole_file import write_whole


class Group(NamedTuple):
    """A table of shares."""

    name: str
    shares: dict[str, Share]
    note: str = ""


def write_summary(out: Path, summary: AnnotationSummary) -> list[Path]:
    """Write both files beside the rows, each whole; returns where they are."""
    page = out.with_name(f"{out.stem}.summary.html")
    numbers = out.with_name(f"{out.stem}.summary.json")
    text = json.dumps(summary.to_dict(), indent=2, ensure_ascii=False)
    write_whole(numbers, f"{text}\n".encode("utf-8", "replace"))
    write_whole(page, render_summary(out.name, summary).encode("utf-8", "replace"))
    return [numbers, page]


def render_summary(name: str, summary: AnnotationSummary) -> str:
    """The page as text; the same summary gives the same text.

    Args:
        name: of the file with the rows.
    """
    templates = environment()
    templates.filters.update(lines=lines, one_line=one_line, percent=format_percent)
    return templates.get_template("annotation.html.j2").render(
        name=one_line(name),
        version=version("axolotl-explain"),
        style=style(),
        found=summary,
        groups=groups(summary),
    )


def groups(summary: AnnotationSummary) -> list[Group]:
    """The shares that are kept, by what rows and replies have in common."""
    tries = {f"try {turn}": share for turn, share in summary.tries.items()}
    labels = {one_line(label): share for label, share in summary.labels.items()}
    if labels and summary.other_labels.of:
        labels["all others"] = summary.other_labels
    lengths = {
        f"under {size:,}": share for size, share in sorted(summary.lengths.items())
    }
    found = [
        Group("Replies by try", tries, "Of explanations that are asked for blind."),
        Group("Replies by what is asked", dict(summary.asks)),
        Group("Rows by answer", labels),
        Group("Rows by length of the question", lengths, "In characters."),
    ]
    return [group for group in found if group.shares]


def lines(text: str) -> Iterator[Run]:
    """A text as it can be shown; line breaks stay, what has no shape is written out."""
    for place, line in enumerate(text.split("\n")):
        if place:
            yield Run("\n", False)
        yield from visible(line)
