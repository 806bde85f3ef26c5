"""What the plots show, as data; `chart_image` draws it, `csv_text` writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SHARES = "exact match, %"
GAINS = "gain over the answer alone, points"

BANDS_UP_TO = 6
"""More curves are drawn without the bands of their intervals; the table has them."""


def join_names(*parts: str) -> str:
    """The parts that are there, each once.

    >>> join_names("long", "", "test_long")
    'long, test_long'
    """
    return ", ".join(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class DataPoint:
    """A measured value with its 95 % interval, where there is one.

    Attributes:
        seeds: the values that it is the mean of; drawn as small marks beside it.
    """

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    rows: int | None = None
    seeds: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together.

    Attributes:
        label: its name in the table; no other series has it.
        colour: its place in the palette, the same in every chart for a level.
        style: its place among line styles and marker shapes.
        colour_name: what the colour stands for, for the legend; "" leaves it out.
        style_name: what the style stands for.
    """

    label: str
    colour: int
    style: int
    points: Sequence[DataPoint]
    colour_name: str = ""
    style_name: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One plot; shares are in percent.

    Attributes:
        name: of its files, and of its place in the page.
        kind: whether points stand alone, are joined by a line with bars for intervals,
            or are joined with a band.
        ticks: names of the places 0, 1, … on a horizontal axis without numbers.
        shaded: the lengths that training has seen.
        own_lines: whether each curve has a line and a marker of its own, by which it is
            told apart without colours; long ones then keep some of their markers.
    """

    name: str
    title: str
    caption: str
    x_label: str
    y_label: str
    kind: Literal["points", "bars", "band"]
    series: Sequence[Series]
    ticks: Sequence[str] = ()
    shaded: tuple[float, float] | None = None
    log_x: bool = False
    own_lines: bool = False

    @property
    def header(self) -> tuple[str, ...]:
        """The columns of its table."""
        x = self.x_label.partition(",")[0] if self.ticks else self.x_label
        return ("series", x, self.y_label, "low", "high", "rows")

    def table(
        self,
    ) -> list[tuple[str, object, float, float | None, float | None, object]]:
        """Its points as rows."""
        return [
            (
                series.label,
                self.ticks[round(point.x)] if self.ticks else point.x,
                point.y,
                point.low,
                point.high,
                point.rows,
            )
            for series in self.series
            for point in series.points
        ]
