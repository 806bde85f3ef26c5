"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from markupsafe import Markup

from axolotl_explain.report.arms import Arm, data_names
from axolotl_explain.report.changed_steps_table import changed_steps_words
from axolotl_explain.report.chart import Chart, join_names
from axolotl_explain.report.chart_image import svg
from axolotl_explain.report.choose_level import LevelChoice, choose_level
from axolotl_explain.report.difference_words import p_words, with_interval
from axolotl_explain.report.families import Family
from axolotl_explain.report.inline import inline
from axolotl_explain.report.mean_words import bounds
from axolotl_explain.report.number_format import MISSING
from axolotl_explain.report.pack import pack
from axolotl_explain.report.result_tables import cell_rows, metrics_rows, wrong_steps
from axolotl_explain.report.rows_worth import RowsWorth
from axolotl_explain.report.run_results import RunResults, merged_versions
from axolotl_explain.report.templating import TEMPLATES, environment, style
from axolotl_explain.report.worth import Worth

SHOWN_STEPS = 24
"""So many lines of the table of first wrong steps; all are in its CSV."""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """All that a report tells."""

    runs: Sequence[RunResults]
    arms: Sequence[Arm]
    charts: Sequence[Chart]
    notes: Sequence[str]
    """What could not be read."""
    families: Sequence[Family]
    worth: Sequence[Worth]
    """What explanations gain, of each family that tells it."""
    rows_worth: Sequence[RowsWorth]
    margin: float
    """Of the share of right answers; see `choose_level`."""

    def choices(self) -> list[tuple[str, LevelChoice]]:
        """A choice for each family, with the words that name it."""
        names = data_names(self.arms)
        return [
            (
                join_names(one.name, f"on {names[one.data]}"),
                choose_level(one, self.margin),
            )
            for one in self.families
        ]


def render_report(content: ReportContent, title: str, max_completions: int) -> str:
    """The page; the same content gives the same text."""
    runs = content.runs
    script = (TEMPLATES / "browser.js").read_text("utf-8")
    packed, total = pack(runs, max_completions)
    steps = wrong_steps(runs)
    names = data_names(content.arms)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            title=title,
            style=style(),
            script=Markup(script),
            script_hash=_hash(script),
            runs=runs,
            names=names,
            choices=content.choices(),
            margin=100 * content.margin,
            worth=content.worth,
            rows_worth=content.rows_worth,
            changed_steps=[
                (run.name, changed_steps_words(one))
                for run in runs
                for one in run.changed_steps
            ],
            gained=with_interval,
            p_words=p_words,
            bounds=bounds,
            lines=metrics_rows(runs),
            figures=[_figure(chart) for chart in content.charts],
            cells=cell_rows(runs),
            steps=steps[:SHOWN_STEPS],
            hidden_steps=max(0, len(steps) - SHOWN_STEPS),
            versions=merged_versions(runs),
            treated=[(run.name, run.explanations) for run in runs if run.explanations],
            recipes=[(run.name, _recipe(run)) for run in runs if run.recipe],
            notes=content.notes,
            packed=packed,
            total=total,
            kept=min(total, max_completions),
            missing=MISSING,
        )
    )


def _figure(chart: Chart) -> dict[str, Any]:
    return {
        "chart": chart,
        "svg": inline(svg(chart, text_as_paths=False), chart.name, chart.title),
        "table": [
            (label, _cell(x), _cell(y), _cell(low), _cell(high))
            for label, x, y, low, high, _ in chart.table()
        ],
    }


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"
    return MISSING if value is None else str(value)


def _recipe(run: RunResults) -> str:
    return yaml.safe_dump(dict(run.recipe), sort_keys=False, allow_unicode=True)


def _hash(script: str) -> str:
    """What the page's content security policy lets run, and nothing else."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
