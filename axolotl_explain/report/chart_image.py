"""Charts as pictures, by matplotlib; the same chart gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.report.chart import (
    BANDS_UP_TO,
    GAINS,
    SHARES,
    Chart,
    DataPoint,
    Series,
)
from axolotl_explain.report.legend import add_legend
from axolotl_explain.report.palette import (
    DASHES,
    LINE,
    MARKED_UP_TO,
    MARKERS,
    PAPER,
    SERIES,
    SETTINGS,
    SHADE,
    SIZE,
    printable,
)

SEEDS_BESIDE = 0.07
"""Of the distance between two ticks."""

SIDE_BY_SIDE = 56
"""Letters of names that fit below the axis, each as wide as the longest."""


def require_matplotlib() -> None:
    """Check that pictures can be drawn.

    Raises:
        ExplainError: if matplotlib is not installed, with the way to get it.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ExplainError(
            "the report draws its plots with matplotlib, which is not installed: "
            "pip install 'axolotl-explain[plots]'."
        ) from None


def svg(chart: Chart, text_as_paths: bool = True) -> str:
    """The chart as SVG; without text as paths, letters are left to the viewer."""
    options = {
        "svg.hashsalt": chart.name,
        "svg.fonttype": "path" if text_as_paths else "none",
    }
    empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    return _drawn(chart, "svg", options, metadata=empty, transparent=True).decode()


def png(chart: Chart) -> bytes:
    """The chart as PNG, on white."""
    return _drawn(chart, "png", {}, metadata={"Software": None}, dpi=200)


def _drawn(chart: Chart, form: str, options: dict[str, Any], **saved: Any) -> bytes:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    buffer = io.BytesIO()
    with mpl.rc_context({**SETTINGS, **options}):
        figure = Figure(figsize=SIZE, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        _draw(axes, chart)
        add_legend(figure, chart)
        figure.savefig(buffer, format=form, **saved)
    return buffer.getvalue()


def _draw(axes: Any, chart: Chart) -> None:
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=LINE, linewidth=0.7)
    if chart.shaded:
        low, high = chart.shaded
        axes.axvspan(low - 0.5, high + 0.5, color=SHADE, linewidth=0, zorder=0)
    for number, series in enumerate(chart.series):
        _series(axes, chart, series, _shift(chart, number))
    axes.set_xlabel(chart.x_label)
    axes.set_ylabel(chart.y_label)
    axes.margins(x=0.06)
    if chart.y_label == SHARES:
        axes.set_ylim(-3, 104)
        axes.set_yticks(range(0, 101, 20))
    elif chart.y_label == GAINS:
        axes.axhline(0, color=LINE, linewidth=1.6)
        axes.margins(y=0.1)
    else:
        axes.set_ylim(bottom=0)
    _horizontal(axes, chart)


def _horizontal(axes: Any, chart: Chart) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if chart.ticks:
        names = [printable(name).replace(", ", "\n") for name in chart.ticks]
        axes.set_xticks(range(len(names)), names, **_slanted(names))
        axes.set_xlim(-0.6, len(chart.ticks) - 0.4)
        return
    if chart.log_x:
        axes.set_xscale("log")
        places = sorted({point.x for series in chart.series for point in series.points})
        axes.set_xticks(places, [f"{place:,.0f}" for place in places])
        axes.minorticks_off()
        return
    if chart.kind == "points":
        axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))


def _slanted(names: Sequence[str]) -> dict[str, Any]:
    """How names stand that would run into each other side by side."""
    longest = max(len(line) for name in names for line in name.split("\n"))
    if longest * len(names) <= SIDE_BY_SIDE:
        return {}
    return {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}


def _short(value: float) -> str:
    """A number as a tick: 950, 1.5k, 2M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):g}{unit}"
    return f"{value:g}"


def _series(axes: Any, chart: Chart, series: Series, shift: float) -> None:
    colour = SERIES[series.colour % len(SERIES)]
    marker = MARKERS[series.style % len(MARKERS)]
    xs = [point.x + shift for point in series.points]
    ys = [point.y for point in series.points]
    if chart.kind == "band" and len(chart.series) <= BANDS_UP_TO:
        _band(axes, xs, series.points, colour)
    elif chart.kind != "band":
        _intervals(axes, xs, series.points, colour, alone=chart.kind == "points")
        _seeds(axes, xs, series.points, colour)
    line: dict[str, Any] = {
        "linestyle": DASHES[series.style % len(DASHES)],
        "linewidth": 1.6,
    }
    if chart.kind == "points":
        line = {"linestyle": "none", "markeredgecolor": PAPER, "markersize": 7}
    elif chart.own_lines:
        line["markevery"] = -(-len(xs) // MARKED_UP_TO)
    elif max(len(one.points) for one in chart.series) > MARKED_UP_TO:
        line["marker"] = "none"
    axes.plot(
        xs,
        ys,
        **{"color": colour, "marker": marker, "markersize": 4.5, **line},
    )
    if chart.ticks and len({one.style for one in chart.series}) == 1:
        _values(axes, xs, series.points)


def _intervals(
    axes: Any,
    xs: Sequence[float],
    points: Sequence[DataPoint],
    colour: str,
    alone: bool,
) -> None:
    for x, point in zip(xs, points, strict=True):
        if point.low is not None and point.high is not None:
            axes.plot(
                [x, x],
                [point.low, point.high],
                color=colour,
                linewidth=2.4 if alone else 2,
                alpha=0.8 if alone else 0.45,
                solid_capstyle="butt",
            )


def _seeds(
    axes: Any, xs: Sequence[float], points: Sequence[DataPoint], colour: str
) -> None:
    """Each seed as a short line to the left of its mean."""
    for x, point in zip(xs, points, strict=True):
        if len(point.seeds) > 1:
            places = [x - SEEDS_BESIDE] * len(point.seeds)
            axes.plot(
                places,
                point.seeds,
                linestyle="none",
                marker="_",
                color=colour,
                alpha=0.7,
            )


def _band(
    axes: Any, xs: Sequence[float], points: Sequence[DataPoint], colour: str
) -> None:
    if all(point.low is not None and point.high is not None for point in points):
        lows = [point.low for point in points]
        highs = [point.high for point in points]
        axes.fill_between(xs, lows, highs, color=colour, alpha=0.14, linewidth=0)


def _values(axes: Any, xs: Sequence[float], points: Sequence[DataPoint]) -> None:
    for x, point in zip(xs, points, strict=True):
        axes.annotate(
            f"{point.y:.1f}",
            (x, point.y),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
        )


def _shift(chart: Chart, number: int) -> float:
    """Series of one level stand side by side."""
    if not chart.ticks or len({series.style for series in chart.series}) == 1:
        return 0.0
    styles = sorted({series.style for series in chart.series})
    place = styles.index(chart.series[number].style)
    return 0.7 * ((place + 0.5) / len(styles) - 0.5)
