"""What a model is asked: the rows of a file, at the levels that a recipe trains."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level, parse_level
from axolotl_explain.core.raw_row import ReadRow, unpack
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.levels_asked import ANY_LEVEL
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.recipe.row_prompts import RowPrompts
from axolotl_explain.sources.questions import read_question
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.tables import read_rows

STDIN = "-"
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


def read_questions(
    path: str, limit: int | None, options: ExplainOptions, prompts: RowPrompts
) -> list[Example]:
    """The examples of a data file whose rows need no answer; "-" is standard input.

    Args:
        prompts: by which a line of standard input that is a question alone is read.

    Raises:
        ExplainError: as `read_examples`.
    """
    rows = _of_stdin(prompts) if path == STDIN else read_rows(path)
    read = partial(_canonical_or, options)
    reader = RowReader(options, options.seed, path, read)
    examples = [found[0] for found in reader.all(islice(rows, limit)) if found]
    if reader.skipped:
        LOG.warning(f"{path}: {reader.summary}")
    if not examples:
        why = f" ({reader.summary})" if reader.skipped else ""
        raise ExplainError(f"{path}: there is no row to ask{why}.")
    return examples


def _canonical_or(options: ExplainOptions, row: Mapping[str, Any]) -> list[Example]:
    """A row in the form of the training data; canonical where it is that already."""
    canonical = row.get("instruction") is not None and options.columns is None
    read_as = ExplainOptions() if canonical else options
    return read_question(read_as, options.seed, row)


def _of_stdin(prompts: RowPrompts) -> Iterator[ReadRow]:
    """The rows of standard input, one a line: JSON, or a question as plain text."""
    for line in sys.stdin:
        if line.strip():
            text = line.strip()
            is_row = text.startswith("{")
            yield unpack(text) if is_row else prompts.question(text).to_row()


def training_rows(level: str, examples: Sequence[Example]) -> list[TrainingRow]:
    """The examples at one level; the longest stands for `ANY_LEVEL`."""
    asked: Level = "long" if level == ANY_LEVEL else parse_level(level)
    return [TrainingRow.of(example, asked) for example in examples]
