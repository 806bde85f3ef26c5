"""Runs -> a folder with the page, the tables and the pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.report.arms import data_names, pool
from axolotl_explain.report.chart import Chart
from axolotl_explain.report.chart_image import png, require_matplotlib, svg
from axolotl_explain.report.length_chart import by_length
from axolotl_explain.report.levels_chart import by_level, by_tokens
from axolotl_explain.report.progress_charts import by_train_rows, learning
from axolotl_explain.report.report_page import Findings, render
from axolotl_explain.report.result_tables import (
    METRICS_HEADER,
    cell_rows,
    metric_lines,
    to_csv,
    wrong_steps,
)
from axolotl_explain.report.run_results import Run, read_run, short_names
from axolotl_explain.results.metrics import CELLS, level_rank
from axolotl_explain.results.run_folders import find_places
from axolotl_explain.support.whole_file import write_whole

PAGE = "report.html"
MAX_COMPLETIONS = 100_000


@dataclass(frozen=True, slots=True)
class Built:
    """What a report has left.

    Attributes:
        files: in the order they were written; the page comes last.
    """

    files: Sequence[Path]
    findings: Findings


def build(
    folders: Sequence[Path],
    out: Path,
    title: str = "What the explanations did",
    max_completions: int = MAX_COMPLETIONS,
    progress: Callable[[str], None] = lambda what: None,
) -> Built:
    """Read all runs below the folders and write the report.

    Each file is written whole or not at all, the page last; a second time, all are
    written anew.

    Args:
        max_completions: so many at most are put into the page.
        progress: called with what is being done.

    Raises:
        ExplainError: if a folder has no results, or matplotlib is missing.
    """
    require_matplotlib()
    progress("reading")
    findings = collect(folders)
    out.mkdir(parents=True, exist_ok=True)
    files = []

    def write(name: str, content: str | bytes) -> None:
        write_whole(out / name, content)
        files.append(out / name)

    for name, text in _tables(findings).items():
        write(name, text.encode("utf-8", "replace"))
    for chart in findings.charts:
        progress(f"drawing {chart.name}")
        write(f"{chart.name}.svg", svg(chart))
        write(f"{chart.name}.png", png(chart))
    progress("writing the page")
    page = render(findings, title, max_completions)
    write(PAGE, page.encode("utf-8", "replace"))
    return Built(files, findings)


def collect(folders: Sequence[Path]) -> Findings:
    """Everything that a report tells of the runs below the folders.

    Raises:
        ExplainError: if a folder has no results.
    """
    places = find_places(folders)
    notes: list[str] = []
    names = short_names([place.folder for place in places])
    runs = [
        read_run(place, name, notes)
        for place, name in zip(places, _unique(names), strict=True)
    ]
    empty = [run for run in runs if not run.groups]
    notes += [f"{run.folder}: no result can be read, left out." for run in empty]
    runs = sorted((run for run in runs if run.groups), key=_first_level)
    if not runs:
        raise ExplainError("No run has a result that can be read: " + " ".join(notes))
    arms = pool(runs)
    data = data_names(arms)
    charts: list[Chart | None] = [
        by_level(arms, data),
        by_tokens(arms, data),
        *learning(runs),
        by_train_rows(arms, data),
        by_length(arms),
    ]
    drawn = [chart for chart in charts if chart is not None]
    return Findings(runs, arms, drawn, list(dict.fromkeys(notes)))


def _first_level(run: Run) -> int:
    return min(level_rank(group.level) for group in run.groups)


def _tables(findings: Findings) -> dict[str, str]:
    runs = findings.runs
    lines = [line.cells() for line in metric_lines(runs)]
    steps = [
        (one.level, one.operator, one.step, one.count) for one in wrong_steps(runs)
    ]
    cells = [(row.level, *row.counts) for row in cell_rows(runs)]
    tables = {"metrics.csv": to_csv(METRICS_HEADER, lines)}
    if cells:
        tables["explanations.csv"] = to_csv(("level", *CELLS), cells)
        header = ("level", "operator", "step", "count")
        tables["first_wrong_steps.csv"] = to_csv(header, steps)
    for chart in findings.charts:
        tables[f"{chart.name}.csv"] = to_csv(chart.header, chart.table())
    return tables


def _unique(names: Sequence[str]) -> list[str]:
    """Names with a number behind those that come again."""
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique
