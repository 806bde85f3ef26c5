"""What a model is asked: the rows of a file, at the levels that a recipe trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.errors import ExplainError, at
from axolotl_explain.example import Example
from axolotl_explain.formatter import TrainingRow
from axolotl_explain.levels import LEVELS, Level, levels_in_play, parse_level
from axolotl_explain.rows import read_rows
from axolotl_explain.settings import DatasetSettings

ANY_LEVEL = "any"
"""Stands for the level where prompts do not name one and the recipe mixes several."""


def read_examples(path: str, limit: int | None = None) -> list[Example]:
    """The examples of a data file.

    Raises:
        ExplainError: naming file, row and field, or the file if it holds no row.
    """
    rows = read_rows(path)
    if limit is not None:
        rows = rows.select(range(min(limit, len(rows))))
    examples = [example_of(path, *pair) for pair in enumerate(rows, start=1)]
    if not examples:
        raise ExplainError(f"{path}: there is no row to evaluate.")
    return examples


def example_of(path: str, number: int, row: Mapping[str, Any]) -> Example:
    """One example of a data file.

    Args:
        number: of the row, from 1.

    Raises:
        ExplainError: naming file, row and field.
    """
    try:
        return Example.from_row(row)
    except ExplainError as error:
        raise ExplainError(at(path, f"row {number}", error)) from None


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
    trained = levels_in_play(settings.options.level) or set(LEVELS)
    if settings.asks_for_level:
        return [level for level in LEVELS if level in (wanted or trained)]
    names: list[str] = [*trained] if len(trained) == 1 else [ANY_LEVEL]
    foreign = [level for level in wanted if level not in names]
    if foreign:
        raise ExplainError(
            f"{where}: {', '.join(foreign)}: the prompts of this recipe do not say a "
            f"level, so the model answers at the one it was trained on ({names[0]}); "
            "leave this out, or train with several levels or explain.level_request: "
            "always."
        )
    return names
