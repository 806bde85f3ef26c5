"""Runs -> a folder with the page, the tables and the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.report.arms import Arm, data_names, pool
from axolotl_explain.report.chart import Chart
from axolotl_explain.report.chart_image import png, require_matplotlib, svg
from axolotl_explain.report.csv_text import to_csv
from axolotl_explain.report.families import Family, families
from axolotl_explain.report.length_chart import length_chart
from axolotl_explain.report.levels_chart import level_chart, tokens_chart
from axolotl_explain.report.loss_charts import loss_charts
from axolotl_explain.report.progress_charts import learning_charts, train_rows_chart
from axolotl_explain.report.report_page import ReportContent, render_report
from axolotl_explain.report.result_tables import (
    GAINS_HEADER,
    METRICS_HEADER,
    cell_rows,
    gain_cells,
    metrics_rows,
    wrong_steps,
)
from axolotl_explain.report.rows_worth import rows_worth
from axolotl_explain.report.run_results import RunResults, read_run_results, short_names
from axolotl_explain.report.stage_lines import with_stage_lines
from axolotl_explain.report.worth import worth_of
from axolotl_explain.report.worth_chart import worth_chart
from axolotl_explain.results.counts import CELLS
from axolotl_explain.results.find_runs import find_run_folders
from axolotl_explain.results.metrics import level_rank
from axolotl_explain.statistics.levels import MARGIN
from axolotl_explain.support.whole_file import write_whole

PAGE = "report.html"
MAX_COMPLETIONS = 100_000


@dataclass(frozen=True, slots=True)
class BuiltReport:
    """What a report has left.

    Attributes:
        files: in the order they were written; the page comes last.
    """

    files: Sequence[Path]
    content: ReportContent


def write_report(  # noqa: PLR0913
    folders: Sequence[Path],
    out: Path,
    title: str = "What the explanations did",
    *,
    max_completions: int = MAX_COMPLETIONS,
    margin: float = MARGIN,
    progress: Callable[[str], None] = lambda what: None,
) -> BuiltReport:
    """Read all runs below the folders and write the report.

    Each file is written whole or not at all, the page last; a second time, all are
    written anew.

    Args:
        max_completions: so many at most are put into the page.
        margin: of the share of right answers; a level is enough where it is shown that
            no other is better by so much.
        progress: called with what is being done.

    Raises:
        ExplainError: if a folder has no results, or matplotlib is missing.
    """
    require_matplotlib()
    progress("reading")
    content = collect(folders, margin)
    out.mkdir(parents=True, exist_ok=True)
    files = []

    def write(name: str, text: str | bytes) -> None:
        write_whole(out / name, text)
        files.append(out / name)

    for name, text in _tables(content).items():
        write(name, text.encode("utf-8", "replace"))
    for chart in content.charts:
        progress(f"drawing {chart.name}")
        write(f"{chart.name}.svg", svg(chart))
        write(f"{chart.name}.png", png(chart))
    progress("writing the page")
    page = render_report(content, title, max_completions)
    write(PAGE, page.encode("utf-8", "replace"))
    return BuiltReport(files, content)


def collect(folders: Sequence[Path], margin: float = MARGIN) -> ReportContent:
    """Everything that a report tells of the runs below the folders.

    Raises:
        ExplainError: if a folder has no results.
    """
    found = find_run_folders(folders)
    notes: list[str] = []
    names = short_names([one.folder for one in found])
    runs = [
        read_run_results(folder, name, notes)
        for folder, name in zip(found, _unique(names), strict=True)
    ]
    empty = [run for run in runs if not run.levels]
    notes += [f"{run.folder}: no result can be read, left out." for run in empty]
    runs = sorted((run for run in runs if run.levels), key=_first_level)
    if not runs:
        raise ExplainError("No run has a result that can be read: " + " ".join(notes))
    arms = pool(runs)
    data = data_names(arms)
    found_families = families(arms)
    notes += [*_of_a_seed_again(arms), *_beside(found_families)]
    worth = [worth_of(one, margin) for one in found_families]
    told = [one for one in worth if one is not None]
    charts: list[Chart | None] = [
        level_chart(arms, data),
        worth_chart(told, data),
        with_stage_lines(tokens_chart(arms, data), arms, data),
        *learning_charts(runs),
        *loss_charts(runs),
        train_rows_chart(arms, data),
        length_chart(arms),
    ]
    drawn = [chart for chart in charts if chart is not None]
    return ReportContent(
        runs,
        arms,
        drawn,
        list(dict.fromkeys(notes)),
        found_families,
        told,
        rows_worth(arms),
        margin,
    )


def _of_a_seed_again(arms: Sequence[Arm]) -> Iterator[str]:
    """Runs that no comparison counts, since their seed stands there already."""
    for arm in arms:
        for member in arm.again:
            yield (
                f"{member.run.folder}: another run of level {arm.level} has seed "
                f"{member.run.seed} too; in comparisons only the first one counts."
            )


def _beside(found: Sequence[Family]) -> Iterator[str]:
    """Arms that no comparison has, since another one stands for the same."""
    for arm in (arm for family in found for arm in family.beside):
        for member in arm.members:
            yield (
                f"{member.run.folder}: another arm of level {arm.level} differs from "
                "it in nothing that is compared; left out of comparisons."
            )


def _first_level(run: RunResults) -> int:
    return min(level_rank(one.level) for one in run.levels)


def _tables(content: ReportContent) -> dict[str, str]:
    runs = content.runs
    lines = [line.cells() for line in metrics_rows(runs)]
    steps = [
        (one.level, one.operator, one.step, one.count) for one in wrong_steps(runs)
    ]
    cells = [(row.level, *row.counts) for row in cell_rows(runs)]
    tables = {"metrics.csv": to_csv(METRICS_HEADER, lines)}
    if cells:
        tables["explanations.csv"] = to_csv(("level", *CELLS), cells)
        header = ("level", "operator", "step", "count")
        tables["first_wrong_steps.csv"] = to_csv(header, steps)
    if content.worth:
        gains = [gain_cells(one, gain) for one in content.worth for gain in one.gains]
        tables["gains.csv"] = to_csv(GAINS_HEADER, gains)
    for chart in content.charts:
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
