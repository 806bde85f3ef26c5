"""The pictures of docs/reproduction.md."""

from __future__ import annotations

from collections.abc import Sequence

from axolotl_explain.report.arms import percent
from axolotl_explain.report.chart import SHARES, Chart, DataPoint, Series, join_names
from reproduction.paper_sweeps import Cell, PaperRun, Sweep

ARMS = (
    *("none", "short", "medium", "long"),
    *("answer_first", "shuffled", "mismatched", "coverage"),
)
"""In the order of the colours: the levels first."""

LEVELS = ARMS[:4]


def accuracy_by_arm(sweep: Sweep) -> Chart:
    """Exact match of each arm with equal steps, the sizes beside each other."""
    arms = [arm for arm in ARMS if sweep.has(arm=arm)]
    groups = _groups(sweep)
    series = [
        Series(
            name or sweep.name,
            style,
            style,
            [
                _data_point(at, sweep.cell(arm=arm, **group))
                for at, arm in enumerate(arms)
                if sweep.has(arm=arm, **group)
            ],
            style_name=name,
        )
        for style, (name, group) in enumerate(groups.items())
    ]
    return Chart(
        sweep.name,
        "Accuracy by arm",
        "",
        "arm",
        SHARES,
        "points",
        series,
        ticks=[arm.replace("_", " ") for arm in arms],
    )


def accuracy_by_samples(sweep: Sweep) -> Chart:
    """Exact match against training rows, a line for each arm."""
    series = [
        _series(
            arm,
            [
                _data_point(count, sweep.cell(arm=arm, samples=count))
                for count in _counts(sweep)
                if sweep.has(arm=arm, samples=count)
            ],
        )
        for arm in sweep.values("arm")
    ]
    return Chart(
        sweep.name,
        "Accuracy by training rows",
        "",
        "training rows",
        SHARES,
        "bars",
        series,
        log_x=True,
    )


def accuracy_by_length(sweep: Sweep) -> Chart:
    """Exact match against length, a line for each scheme of positions and arm."""
    series = []
    for style, positions in enumerate(sweep.values("positions")):
        for arm in sweep.values("arm"):
            if not sweep.has(arm=arm, positions=positions):
                continue
            cells = sweep.by_length(arm=arm, positions=positions)
            points = [_data_point(length, cell) for length, cell in cells.items()]
            name, colour = arm.replace("_", " "), ARMS.index(arm)
            label = f"{name}, {positions}"
            series.append(Series(label, colour, style, points, name, positions))
    return Chart(
        sweep.name,
        "Accuracy by length",
        "",
        "addends",
        SHARES,
        "bars",
        series,
        shaded=sweep.trained_lengths,
    )


def convergence(sweep: Sweep, tokens: bool) -> Chart:
    """Exact match while training, the mean over seeds, of the four levels."""
    series = []
    for style, (name, group) in enumerate(_groups(sweep).items()):
        for arm in LEVELS:
            if not sweep.has(arm=arm, **group):
                continue
            points = curve(sweep.chosen(arm=arm, **group), tokens)
            label = join_names(arm, name)
            series.append(Series(label, ARMS.index(arm), style, points, arm, name))
    return Chart(
        f"{sweep.name}_by_{'tokens' if tokens else 'steps'}",
        "Accuracy while training",
        "",
        "tokens in the loss" if tokens else "optimizer steps",
        SHARES,
        "bars",
        series,
    )


def curve(runs: Sequence[PaperRun], tokens: bool) -> list[DataPoint]:
    """The mean over seeds at every step; a run that has ended keeps its last value."""
    steps = sorted({point[0] for run in runs for point in run.curve})
    points = []
    for step in steps:
        last = [run.at(step) for run in runs]
        mean = sum(value for _, _, value in last) / len(last)
        trained = sum(count for _, count, _ in last) / len(last)
        points.append(DataPoint(trained if tokens else step, 100 * mean))
    return points


def _groups(sweep: Sweep) -> dict[str, dict[str, str]]:
    """The sizes of model by name; nothing to choose where there is one."""
    if "size" not in sweep.runs[0].choices:
        return {"": {}}
    return {size: {"size": size} for size in sweep.values("size")}


def _counts(sweep: Sweep) -> list[int]:
    return sorted(sweep.values("samples"))


def _series(arm: str, points: Sequence[DataPoint]) -> Series:
    style = max(0, ARMS.index(arm) - len(LEVELS) + 1)
    return Series(arm, ARMS.index(arm), style, points, arm.replace("_", " "))


def _data_point(x: float, cell: Cell) -> DataPoint:
    share, low, high, _ = cell.mean
    runs = [100 * one for one in cell.shares]
    return DataPoint(
        float(x), 100 * share, percent(low), percent(high), cell.rows, runs
    )
