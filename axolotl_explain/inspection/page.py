"""Inspected rows and lengths as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.inspection.length_bars import longest
from axolotl_explain.inspection.lengths import Group, Lengths
from axolotl_explain.inspection.loss import Weight
from axolotl_explain.inspection.loss_table import (
    HEADER,
    mark_text,
    relative,
    remarks,
    share_text,
    title,
)
from axolotl_explain.inspection.parts import PARTS, Token, weights_begin
from axolotl_explain.inspection.view import InspectionView
from axolotl_explain.report.number_format import MISSING
from axolotl_explain.report.templating import environment, style
from axolotl_explain.support.safe_text import Run, one_line, spelled, visible
from axolotl_explain.support.whole_file import write_whole

WIDTH, HEIGHT, FLOOR, TOP, GAP = 420, 170, 148, 18, 4
"""Of a chart, in the units of its view box; bars stand between TOP and FLOOR."""

NAMED_EDGES = 6
"""So many lengths at most are written below a chart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The rows of one bin; `low` is its shortest length, written where `named`."""

    count: int
    low: int
    named: bool
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its count stands."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class BarChart:
    """The histogram of one level; `limit` is where sequence_len lies, if inside."""

    name: str
    label: str
    bars: Sequence[Bar]
    limit: float | None
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = FLOOR
    gap: int = GAP


def write_page(path: Path, shown: InspectionView, with_ids: bool) -> None:
    """Write the page, whole or not at all.

    Raises:
        ExplainError: if the file cannot be written.
    """
    try:
        write_whole(path, render(shown, with_ids))
    except OSError as error:
        raise ExplainError(f"--html {path}: {error.strerror}.") from None


def render(shown: InspectionView, with_ids: bool) -> str:
    """The page as text; the same rows give the same text."""
    lengths = shown.lengths
    largest = shown.loss.largest if shown.loss else 0.0

    def percent(weight: Weight) -> str:
        return f"{100 * relative(weight, largest):.0f}"

    templates = environment()
    templates.filters.update(
        runs=runs, spelled=spelled, mark=mark_text, percent=percent, told=share_text
    )
    return templates.get_template("inspect.html.j2").render(
        name=one_line(Path(shown.recipe).name),
        tokenizer=one_line(shown.tokenizer),
        version=version("axolotl-explain"),
        style=style(),
        shown=shown,
        longest=longest(lengths),
        charts=[chart(group, lengths) for group in lengths.groups if group.sizes],
        parts=PARTS,
        begins=weights_begin,
        loss_title=title(shown.loss) if shown.loss else "",
        loss_header=HEADER,
        remarks=remarks(shown.loss) if shown.loss else (),
        with_ids=with_ids,
        missing=MISSING,
    )


def runs(token: Token) -> Iterator[Run]:
    """The text of a token; a line breaks behind the sign that stands for the break."""
    for run in visible(token.text):
        breaks = run.written_out and run.text == "↵"
        yield Run(f"{run.text}\n", True) if breaks else run


def chart(group: Group, lengths: Lengths) -> BarChart:
    """A bar for each bin, the highest as high as there is room."""
    step = WIDTH / len(lengths.bins)
    most = max(group.counts)
    every = -(-len(lengths.bins) // NAMED_EDGES)
    bars = []
    for number, (low, _) in enumerate(lengths.bins):
        count = group.counts[number]
        height = max(1.5, (FLOOR - TOP) * count / most)
        bars.append(
            Bar(
                count,
                low,
                number % every == 0,
                round(number * step + GAP / 2, 1),
                round(FLOOR - height, 1),
                round(step - GAP, 1),
                round(height, 1),
            )
        )
    told = "; ".join(
        f"{low} to {high} tokens {count} rows"
        for (low, high), count in zip(lengths.bins, group.counts, strict=True)
        if count
    )
    allowed = lengths.sequence_len or 0
    reach = (allowed - lengths.edges[0]) / lengths.width * step
    limit = round(reach, 1) if 0 < reach <= WIDTH else None
    return BarChart(group.name, told, bars, limit)
