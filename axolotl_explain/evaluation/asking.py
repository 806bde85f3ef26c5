"""What a model is asked: the rows of a file, at the levels that a recipe trains."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import LEVELS, Level, parse_level
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.tables import read_rows

LOG = logging.getLogger("axolotl.explain")

ANY_LEVEL = "any"
"""Stands for the level where prompts do not name one and the recipe mixes several."""


def read_examples(
    path: str, limit: int | None = None, options: ExplainOptions | None = None
) -> list[Example]:
    """The examples of a data file, one of each row; bad rows as the options say.

    Raises:
        ExplainError: naming file, row and field, or the file if it holds no row.
    """
    rows = read_rows(path)
    if limit is not None:
        rows = rows.select(range(min(limit, len(rows))))
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


def level_names(
    settings: DatasetSettings, wanted: Sequence[Level], where: str = "--level"
) -> list[str]:
    """The levels to ask the model for, in order; all it was trained on by default.

    Args:
        where: what named the wanted ones.

    Raises:
        ExplainError: if a level is wanted that prompts of this recipe cannot name.
    """
    options = settings.options
    if options.order == "multitask":
        return _predicting(wanted, where)
    trained = options.levels_in_play or set(LEVELS)
    if settings.asks_for_level:
        return [level for level in LEVELS if level in (wanted or trained)]
    names: list[str] = [*trained] if len(trained) == 1 else [ANY_LEVEL]
    foreign = [level for level in wanted if level not in names]
    if foreign:
        raise ExplainError(
            f"{where}: {', '.join(foreign)}: the prompts of this recipe do not say a "
            f"level, so the model answers at the one it was trained on ({names[0]}); "
            "leave this out, or train with several levels or explain.level_request: "
            "always. Where training was given another explain.level on the command "
            "line, name a recipe that says it."
        )
    return names


def _predicting(wanted: Sequence[Level], where: str) -> list[str]:
    """An answer is what is asked for and judged, and that alone is level none."""
    foreign = [level for level in wanted if level != "none"]
    if foreign:
        raise ExplainError(
            f"{where}: {', '.join(foreign)} cannot be asked for, since under order: "
            "multitask the model is asked to predict, which gives the answer alone "
            "(none); leave this out."
        )
    return ["none"]
