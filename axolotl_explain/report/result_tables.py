"""The tables of the report: for the page, and as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from axolotl_explain.report.arms import UNTRAINED
from axolotl_explain.report.run_results import Group, Run
from axolotl_explain.results.metrics import CELLS, level_rank

METRICS_HEADER = (
    "run",
    "model",
    "data",
    "level",
    "seed",
    "training_rows",
    "num_rows",
    "exact_match",
    "interval_low",
    "interval_high",
    "flexible_match",
    "parsed_rate",
    "truncated_rate",
    "tokens_per_completion",
    "tokens_per_right_answer",
    "explanation_validity",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table of metrics: a run, a data file, a level."""

    run: Run
    group: Group

    @property
    def model(self) -> str:
        """What was evaluated; the base model by its name."""
        if self.group.model is None:
            return f"{self.run.base_model or 'base model'} ({UNTRAINED})"
        return self.group.model

    def rate(self, name: str) -> float | None:
        """A count of the summary as a share of its rows."""
        count = getattr(self.group.summary, name)
        return None if count is None else count / self.group.summary.rows

    def cells(self) -> tuple[object, ...]:
        """As `METRICS_HEADER` says."""
        run, found = self.run, self.group.summary
        return (
            run.name,
            self.model,
            self.group.data,
            self.group.level,
            run.seed,
            run.train_rows,
            found.rows,
            found.share,
            *found.interval,
            self.rate("flexible"),
            self.rate("parsed"),
            self.rate("truncated"),
            found.tokens_per_completion,
            found.tokens_per_right,
            found.validity,
        )


@dataclass(frozen=True, slots=True)
class WrongStep:
    """Where explanations at a level first go wrong."""

    level: str
    operator: str
    step: int
    count: int


@dataclass(frozen=True, slots=True)
class CellRow:
    """The four cells of a level: counts in the order of `CELLS`."""

    level: str
    counts: Sequence[int]

    @property
    def total(self) -> int:
        """Completions whose explanation was verified."""
        return sum(self.counts)


def metric_lines(runs: Sequence[Run]) -> list[Line]:
    """By level, within it by data, model and run as they came."""
    lines = [Line(run, group) for run in runs for group in run.groups]
    return sorted(lines, key=lambda line: level_rank(line.group.level))


def wrong_steps(runs: Sequence[Run]) -> list[WrongStep]:
    """Over all runs; the most frequent first, within each level."""
    found: Counter[tuple[str, str, int]] = Counter()
    for group in (group for run in runs for group in run.groups):
        for (operator, step), count in group.summary.wrong_steps.items():
            found[group.level, operator, step] += count
    rows = [WrongStep(*key, count) for key, count in found.items()]

    def place(row: WrongStep) -> tuple[int, int, int, str]:
        return level_rank(row.level), -row.count, row.step, row.operator

    return sorted(rows, key=place)


def cell_rows(runs: Sequence[Run]) -> list[CellRow]:
    """The four cells per level over all runs, where explanations were verified."""
    found: dict[str, Counter[str]] = {}
    for group in (group for run in runs for group in run.groups):
        if group.summary.verified:
            counts = found.setdefault(group.level, Counter())
            counts.update(group.summary.cells)
    return [
        CellRow(level, [found[level][name] for name in CELLS])
        for level in sorted(found, key=level_rank)
    ]


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """RFC 4180 with line feeds; None is an empty field.

    A text that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_plain(value) for value in row] for row in rows)
    return buffer.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")):
        return f"'{value}"
    return value
