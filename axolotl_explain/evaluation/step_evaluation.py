"""One evaluation while training: which rows, in which batches, until when.

Batches are made from all rows at once and handed out whole, so that a row stands in the
same batch, with the same padding, however many processes there are.
"""

from __future__ import annotations

import logging
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.evaluation.asking import training_rows
from axolotl_explain.evaluation.batching import BatchLimits, plan_batches
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.recipe.evaluation_options import WHERE, EvaluationOptions
from axolotl_explain.recipe.levels_asked import level_names
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.results.completion import Completion
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.tables import read_rows

LOG = logging.getLogger("axolotl.explain")


@dataclass(frozen=True, slots=True)
class DrawnRows:
    """The rows drawn from one data file, and the strategy that asks for them."""

    path: str
    strategy: Any
    numbers: list[int]
    """Row numbers in the file, from 1."""
    examples: list[Example]

    def levels(self, wanted: Sequence[Level]) -> list[str]:
        """The levels to ask for, in order.

        Raises:
            ExplainError: if a level is wanted that the prompts cannot name.
        """
        return level_names(self.strategy.settings, wanted, f"{WHERE}.levels")


@dataclass(frozen=True, slots=True)
class EvaluationBatch:
    """Rows of one source that are completed at once, at every level."""

    source: DrawnRows
    rows: list[int]
    """Places in the source's lists."""
    budgets: dict[str, int]
    """Level -> tokens that a completion may have."""


@dataclass(slots=True)
class ProcessResult:
    """What one process got done."""

    completions: list[Completion] = field(default_factory=list)
    out_of_time: bool = False
    failure: str = ""
    """The message, where not even a single row fitted into memory."""


def draw_rows(
    paths: Sequence[str],
    limit: int,
    options: Mapping[str, ExplainOptions] | None = None,
) -> list[tuple[str, int, Example]]:
    """At most `limit` rows of all files: (path, row number from 1, example).

    The draw depends on the number of rows alone; what is drawn keeps its order. Of a
    row that becomes several examples the first is taken, since all ask the same.

    Args:
        options: path -> how its rows are read; without it, as canonical rows.

    Raises:
        ExplainError: naming file, row and field, or the files if they hold no row.
    """
    tables = [(path, read_rows(path)) for path in paths]
    places = [(path, rows, n) for path, rows in tables for n in range(len(rows))]
    if not places:
        raise ExplainError(f"{WHERE}.data: {', '.join(paths)}: there is no row.")
    if len(places) > limit:
        stream = random.Random(f"0:evaluation:{len(places)}")
        places = [places[i] for i in sorted(stream.sample(range(len(places)), limit))]
    own = {path: (options or {}).get(path, ExplainOptions()) for path in paths}
    readers = {path: RowReader(one, one.seed, path) for path, one in own.items()}
    drawn = [
        (path, place + 1, example)
        for path, rows, place in places
        for example in readers[path](place + 1, rows[place])[:1]
    ]
    skipped = [f"{path}: {one.summary}" for path, one in readers.items() if one.skipped]
    if skipped:
        LOG.warning(f"{WHERE}.data: {'; '.join(skipped)}")
    if not drawn:
        raise ExplainError(f"{WHERE}.data: no row is left; {'; '.join(skipped)}.")
    return drawn


def make_batches(
    source: DrawnRows, options: EvaluationOptions
) -> list[EvaluationBatch]:
    """All rows of a source in batches of similar prompt length, in a seeded order.

    The order is shuffled, so that an evaluation that runs out of time has seen prompts
    of every length.
    """
    formatter = source.strategy.formatter
    evaluator = Evaluator(None, None, source.strategy)
    widths = [0] * len(source.examples)
    budgets = {}
    for level in source.levels(options.levels):
        prompts = formatter.prompts(training_rows(level, source.examples))
        widths = [max(pair) for pair in zip(widths, map(len, prompts), strict=True)]
        given = options.token_budget(level)
        budgets[level] = given or evaluator.token_budget(level, source.examples)
    limits = BatchLimits(options.batch_size, options.batch_tokens)
    groups = plan_batches(widths, max(budgets.values()), limits)
    random.Random(f"0:evaluation:batches:{len(groups)}").shuffle(groups)
    return [EvaluationBatch(source, group, budgets) for group in groups]


def run_batches(
    model: Any,
    tokenizer: Any,
    batches: Sequence[EvaluationBatch],
    max_seconds: float | None,
) -> ProcessResult:
    """Complete batches one after the other, until they or the time are up.

    What does not even fit into memory one row at a time ends the evaluation with what
    is there.
    """
    result = ProcessResult()
    end = time.monotonic() + (max_seconds or float("inf"))
    jobs = [(batch, level) for batch in batches for level in batch.budgets]
    for number, (batch, level) in enumerate(jobs):
        if number and time.monotonic() > end:
            result.out_of_time = True
            break
        try:
            result.completions += _complete(model, tokenizer, batch, level)
        except (torch.OutOfMemoryError, ExplainError) as error:
            result.failure = str(error)
            break
    return result


def _complete(
    model: Any, tokenizer: Any, batch: EvaluationBatch, level: str
) -> list[Completion]:
    source = batch.source
    evaluator = Evaluator(model, tokenizer, source.strategy, data=source.path)
    completions = evaluator.complete(
        level,
        [source.examples[row] for row in batch.rows],
        batch.budgets[level],
        BatchLimits(len(batch.rows), sys.maxsize),
    )
    return [
        replace(one, row=source.numbers[row])
        for row, one in zip(batch.rows, completions, strict=True)
    ]
