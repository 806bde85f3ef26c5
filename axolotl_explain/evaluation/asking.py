"""What a model is asked: the rows of a file, at the levels that a recipe trains."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level, parse_level
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.levels_asked import ANY_LEVEL
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.tables import read_rows

LOG = logging.getLogger("axolotl.explain")


def read_examples(
    path: str, limit: int | None = None, options: ExplainOptions | None = None
) -> list[Example]:
    """The examples of a data file, one of each row; bad rows as the options say.

    Raises:
        ExplainError: naming file, row and field, or the file if it holds no row.
    """
    rows = islice(read_rows(path), limit)
    return examples_of(path, rows, options or ExplainOptions())


def examples_of(
    path: str, rows: Iterable[Mapping[str, Any]], options: ExplainOptions
) -> list[Example]:
    """The examples of rows that are read already; see `read_examples`."""
    reader = RowReader(options, options.seed, path)
    examples = [found[0] for found in reader.all(rows) if found]
    if reader.skipped:
        LOG.warning(f"{path}: {reader.summary}")
    if not examples:
        why = f" ({reader.summary})" if reader.skipped else ""
        raise ExplainError(f"{path}: there is no row to evaluate{why}.")
    return examples


def training_rows(level: str, examples: Sequence[Example]) -> list[TrainingRow]:
    """The examples at one level; the longest stands for `ANY_LEVEL`."""
    asked: Level = "long" if level == ANY_LEVEL else parse_level(level)
    return [TrainingRow.of(example, asked) for example in examples]
