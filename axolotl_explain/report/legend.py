"""What colours and styles of a plot stand for."""

from __future__ import annotations

from typing import Any

from axolotl_explain.report.chart import Chart
from axolotl_explain.report.palette import (
    DASHES,
    MARKERS,
    MUTED,
    SERIES,
    SIZE,
    printable,
)


def add_legend(figure: Any, chart: Chart) -> None:
    """Below the plot: what colours stand for, then styles; the figure grows by it."""
    from matplotlib.lines import Line2D

    alone = chart.kind == "points"
    styles = {one.style_name or "trained": one.style for one in chart.series}
    one_style = len(styles) == 1
    entries: dict[str, Any] = {}
    for one in chart.series:
        colour = SERIES[one.colour % len(SERIES)]
        # Where a colour comes with several styles, it is shown without any.
        marker = "s" if not one_style else MARKERS[one.style % len(MARKERS)]
        line = "none" if alone or not one_style else DASHES[one.style % len(DASHES)]
        entries.setdefault(
            printable(one.colour_name),
            Line2D([], [], color=colour, marker=marker, linestyle=line, markersize=6),
        )
    if not one_style:
        for name, style in styles.items():
            entries[printable(name)] = Line2D(
                [],
                [],
                color=MUTED,
                marker=MARKERS[style % len(MARKERS)],
                linestyle="none" if alone else DASHES[style % len(DASHES)],
                markersize=5,
            )
    entries.pop("", None)
    if len(entries) < 2:
        return
    columns = max(1, min(4, 66 // (max(map(len, entries)) + 7)))
    lines = -(-len(entries) // columns)
    figure.set_size_inches(SIZE[0], SIZE[1] + 0.2 * lines)
    figure.legend(
        entries.values(),
        entries,
        loc="outside lower center",
        ncols=columns,
        fontsize=8.5,
        handlelength=3.5 if chart.own_lines else None,
    )
