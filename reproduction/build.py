"""Make docs/reproduction.md and its pictures: `python -m reproduction.build [FOLDER]`.

Tables, pictures and every number in the text come from reproduction/results; the same
results give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from axolotl_explain.report.chart import Chart
from axolotl_explain.report.chart_image import svg
from axolotl_explain.report.difference_words import needed_words
from axolotl_explain.support.whole_file import write_whole
from reproduction import markdown_tables, planned_comparisons, sweep_charts
from reproduction.paper_sweeps import FOLDER, Sweep, read

TEMPLATES = Path(__file__).parent / "templates"
PICTURES = "reproduction"
TABLES = (
    *("table", "lengths", "curve_marks", "curves", "basis"),
    *("percent", "told", "shares", "compared", "at_edge", "million", "by_rows"),
    *("name_of",),
)
FAMILIES = (
    *("levels", "controls", "equal_tokens", "weights", "with_all_rows"),
    *("less_most_answers", "level_choice"),
    *("not_planned",),
    *("WITH_NONE", "CONTROLS", "EQUAL_TOKENS", "ALL_ROWS"),
)
"""What the templates may call, and read."""


def build(docs: Path, results: Path = FOLDER) -> list[Path]:
    """Write the documents and their pictures below a folder.

    Args:
        results: the folder of the kept results.
    """
    sweeps = {path.stem: read(path.stem, results) for path in results.glob("*.json")}
    short = {name.removesuffix("_cpu"): sweep for name, sweep in sweeps.items()}
    texts = {
        docs / path.name.removesuffix(".jinja"): _text(path.name, short)
        for path in sorted(TEMPLATES.glob("*.md.jinja"))
    }
    for chart in pictures(short):
        texts[docs / PICTURES / f"{chart.name}.svg"] = svg(chart)
    (docs / PICTURES).mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        write_whole(path, text)
    return [*texts]


def pictures(sweeps: dict[str, Sweep]) -> list[Chart]:
    """All pictures."""
    apart = sweeps["listops_apart"]
    rows = planned_comparisons.with_all_rows(
        sweeps["listops_rows"], apart, size="small"
    )
    return [
        sweep_charts.accuracy_by_arm(apart),
        sweep_charts.accuracy_by_arm(sweeps["wide_sums"]),
        sweep_charts.accuracy_by_samples(rows),
        sweep_charts.accuracy_by_length(sweeps["length_generalisation"]),
        sweep_charts.convergence(apart, tokens=False),
        sweep_charts.convergence(apart, tokens=True),
        sweep_charts.convergence(sweeps["wide_sums"], tokens=False),
    ]


def _text(template: str, sweeps: dict[str, Sweep]) -> str:
    """A document; a name or a run that is not there is an error."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made = {name: getattr(markdown_tables, name) for name in TABLES}
    made |= {name: getattr(planned_comparisons, name) for name in FAMILIES}
    hours = sum(sweep.minutes for sweep in sweeps.values()) / 60
    words = {"needed_words": needed_words, "T5_SMALL": 60_506_624}
    known: dict[str, Any] = {**sweeps, **made, **words, "hours": hours}
    return environment.get_template(template).render(known)


if __name__ == "__main__":
    for written in build(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")):
        print(written)
