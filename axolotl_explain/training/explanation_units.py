"""How many units the explanations of a recipe's training rows have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.targets.planner import Planner
from axolotl_explain.targets.stages import Unit, split_units
from axolotl_explain.training.load import load_data_config, load_tokenizer
from axolotl_explain.training.prepare import prepare_data
from axolotl_explain.training.staged_formatter import num_explaining
from axolotl_explain.training.strategy import REVIEWER, ExplainStrategy

BATCH = 1_000


@dataclass(slots=True)
class UnitCount:
    """What is counted of rows, as they are seen.

    Attributes:
        longest: units of the longest explanation.
        rows: training rows, dropped ones left out.
        explained: those with an explanation.
    """

    unit: Unit
    longest: int = 0
    rows: int = 0
    explained: int = 0

    def see(self, strategy: ExplainStrategy, dataset: Any, planner: Planner) -> None:
        """All rows of a dataset, if it is one to train on."""
        if strategy.settings.split != "train":
            return
        for rows in _planned(dataset, planner):
            sizes = self._sizes(strategy, rows)
            self.rows += len(rows)
            self.explained += sum(bool(size) for size in sizes)
            self.longest = max([self.longest, *sizes])

    def _sizes(self, strategy: ExplainStrategy, rows: list[TrainingRow]) -> list[int]:
        if self.unit != "token":
            return [len(split_units(row.explanation, self.unit)) for row in rows]
        encoded = strategy.formatter.encode(rows)
        return [num_explaining(target) for _, target in encoded]


def _planned(dataset: Any, planner: Planner) -> Iterator[list[TrainingRow]]:
    for start in range(0, len(dataset), BATCH):
        places = range(start, min(start + BATCH, len(dataset)))
        found = planner(dataset[start : start + BATCH], places)
        yield [row for _, row in found if isinstance(row, TrainingRow)]


def count_units(recipe: Mapping[str, Any], unit: Unit) -> UnitCount:
    """Count the units of the explanations that a recipe trains on.

    Its data are prepared as Axolotl does it; what that writes is gone afterwards. Data
    and models that the recipe makes are made.

    Raises:
        ExplainError: for a recipe, tokenizer or row that cannot be read or used.
    """
    count = UnitCount(unit)
    with tempfile.TemporaryDirectory(prefix="axolotl-explain-") as folder:
        cfg = load_data_config({**recipe, "streaming": None}, folder)
        cfg.test_datasets = None
        before = REVIEWER.set(count.see)
        try:
            prepare_data(cfg, load_tokenizer(cfg))
        finally:
            REVIEWER.reset(before)
    return count
