"""The rows of the report's tables, for the page and for CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from axolotl_explain.report.arms import UNTRAINED
from axolotl_explain.report.level_results import LevelResults
from axolotl_explain.report.run_results import RunResults
from axolotl_explain.report.worth import Gain, Worth
from axolotl_explain.results.counts import CELLS
from axolotl_explain.results.metrics import level_rank

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
    "exact_match_if_cut",
    "parsed_rate",
    "truncated_rate",
    "tokens_per_completion",
    "tokens_per_right_answer",
    "explanation_validity",
    "explanation_strict",
)

GAINS_HEADER = (
    "setting",
    "data",
    "arm",
    "exact_match",
    "seeds",
    "rows",
    "gain",
    "gain_low",
    "gain_high",
    "gain_p",
    "level_less_control",
    "level_less_control_low",
    "level_less_control_high",
    "level_less_control_p",
    "tokens_per_completion",
    "right_per_1000_tokens",
    "tokens_trained",
)
"""Gains are over the answer alone; p-values are adjusted by Holm's method."""

PAST_THE_END = "past the end"
"""In place of the operator, where a text goes on after the last step."""


@dataclass(frozen=True, slots=True)
class MetricsRow:
    """One row of the table of metrics: a run, a data file, a level."""

    run: RunResults
    results: LevelResults

    @property
    def model(self) -> str:
        """What was evaluated; the base model by its name."""
        if self.results.model is None:
            shots = self.run.shots
            how = f"{UNTRAINED}, {shots} solved rows in front" if shots else UNTRAINED
            return f"{self.run.base_model or 'base model'} ({how})"
        return self.results.model

    def rate(self, name: str) -> float | None:
        """One of the counts as a share of the rows."""
        count = getattr(self.results.counts, name)
        return None if count is None else count / self.results.counts.rows

    def cells(self) -> tuple[object, ...]:
        """As `METRICS_HEADER` says."""
        run, found = self.run, self.results.counts
        return (
            run.name,
            self.model,
            self.results.data,
            self.results.level,
            run.seed,
            run.train_rows,
            found.rows,
            found.share,
            *found.interval,
            self.rate("flexible"),
            self.rate("right_if_cut"),
            self.rate("parsed"),
            self.rate("truncated"),
            found.tokens_per_completion,
            found.tokens_per_right,
            found.validity,
            found.strict_validity,
        )


@dataclass(frozen=True, slots=True)
class WrongStepRow:
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


def gain_cells(worth: Worth, gain: Gain) -> tuple[object, ...]:
    """As `GAINS_HEADER` says."""
    over, lost, arm = gain.over_none, gain.lost, gain.arm
    return (
        worth.family.setting,
        worth.family.data,
        gain.name,
        arm.share,
        arm.seeds,
        arm.rows,
        *((over.estimate, over.low, over.high) if over else (None,) * 3),
        gain.p_value if over else None,
        *((lost.estimate, lost.low, lost.high) if lost else (None,) * 3),
        gain.lost_p if lost else None,
        arm.tokens,
        arm.right_per_thousand,
        arm.tokens_trained,
    )


def metrics_rows(runs: Sequence[RunResults]) -> list[MetricsRow]:
    """By level, within it by data, model and run as they came."""
    rows = [MetricsRow(run, results) for run in runs for results in run.levels]
    return sorted(rows, key=lambda row: level_rank(row.results.level))


def wrong_steps(runs: Sequence[RunResults]) -> list[WrongStepRow]:
    """Over all runs; the most frequent first, within each level."""
    found: Counter[tuple[str, str, int]] = Counter()
    for one in (one for run in runs for one in run.levels):
        for (operator, step), count in one.counts.wrong_steps.items():
            found[one.level, operator or PAST_THE_END, step] += count
    rows = [WrongStepRow(*key, count) for key, count in found.items()]

    def place(row: WrongStepRow) -> tuple[int, int, int, str]:
        return level_rank(row.level), -row.count, row.step, row.operator

    return sorted(rows, key=place)


def cell_rows(runs: Sequence[RunResults]) -> list[CellRow]:
    """The four cells per level over all runs, where explanations were verified."""
    found: dict[str, Counter[str]] = {}
    for one in (one for run in runs for one in run.levels):
        if one.counts.verified:
            counts = found.setdefault(one.level, Counter())
            counts.update(one.counts.cells)
    return [
        CellRow(level, [found[level][name] for name in CELLS])
        for level in sorted(found, key=level_rank)
    ]
