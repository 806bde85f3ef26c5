"""Metrics per level as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from axolotl_explain.evaluation.score import Metrics

COLUMNS = ("rows", "exact match", "95 % interval", "parsed", "truncated", "tokens")


def metrics_table(levels: Mapping[str, Metrics], title: str) -> Table:
    """One line a level; tokens are per completion, on average."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("level")
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for level, metrics in levels.items():
        low, high = metrics.interval
        table.add_row(
            level,
            f"{metrics.num_rows:,}",
            f"{metrics.exact_match:.1%}",
            f"{low:.1%} - {high:.1%}",
            f"{metrics.parsed_rate:.1%}",
            f"{metrics.truncated_rate:.1%}",
            f"{metrics.tokens_per_completion:.1f}",
        )
    return table
