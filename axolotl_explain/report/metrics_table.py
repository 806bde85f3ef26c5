"""Metrics as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.table import Table

from axolotl_explain.results.completion import Completion
from axolotl_explain.results.metrics import Metrics, metrics_by_level

COLUMNS = (
    "rows",
    "exact",
    "95 %",
    "flexible",
    "parsed",
    "truncated",
    "tokens",
)
VALID = "valid"
"""The share of explanations whose every step is right; where tasks can verify. Behind
it stands the share that is also worded as the task words it, where that is another.

All columns together fit into 80 characters, but for that one.
"""


BASE = "the base model"


class LevelLine(NamedTuple):
    """A group of completions and its name in the first column."""

    name: str
    metrics: Metrics


def metrics_table(lines: Sequence[LevelLine], title: str) -> Table:
    """One line a level, with exact match and its interval; tokens per completion."""
    table = Table(
        title=title,
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("level")
    verified = any(line.metrics.num_verified for line in lines)
    for name in (*COLUMNS, VALID) if verified else COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for name, metrics in lines:
        low, high = metrics.interval
        cells = [
            f"{metrics.num_rows:,}",
            f"{metrics.exact_match:.1%}",
            f"{100 * low:.1f}-{high:.1%}",
            f"{metrics.flexible_match:.1%}",
            f"{metrics.parsed_rate:.1%}",
            f"{metrics.truncated_rate:.1%}",
            f"{metrics.tokens_per_completion:.1f}",
        ]
        if verified:
            cells.append(_validity(metrics))
        table.add_row(name, *cells)
    return table


def stopping_notes(completions: Iterable[Completion]) -> list[str]:
    """Where a model knows more answers than it ends with, a line for each level.

    Such a model would seem to learn the task as soon as it learned to stop.
    """
    notes = []
    for (model, data), group in groupby(completions, key=_place):
        for level, found in metrics_by_level(group).items():
            if found.exact_match_if_cut is None:
                continue
            more = round(
                found.num_rows * (found.exact_match_if_cut - found.exact_match)
            )
            if more > 0:
                notes.append(
                    f"{model} on {data}, {level}: {more:,} of {found.num_rows:,} more "
                    "would be right, had they ended with their first answer line."
                )
    return notes


def _place(one: Completion) -> tuple[str, str]:
    return one.model or BASE, one.data


def _validity(metrics: Metrics) -> str:
    validity, strict = metrics.explanation_validity, metrics.explanation_strict
    if validity is None:
        return ""
    worded = f" ({strict:.1%})" if strict not in (None, validity) else ""
    return f"{validity:.1%}{worded}"


def metrics_tables(completions: Iterable[Completion], shots: int = 0) -> list[Table]:
    """A table for each model and dataset, in the order of the completions.

    Args:
        shots: solved rows in front of each question to the base model.
    """
    behind = f", behind {shots} solved rows" if shots else ""
    return [
        metrics_table(
            [
                LevelLine(level, found)
                for level, found in metrics_by_level(group).items()
            ],
            f"{model}{behind if model == BASE else ''} on {data}",
        )
        for (model, data), group in groupby(completions, key=_place)
    ]
