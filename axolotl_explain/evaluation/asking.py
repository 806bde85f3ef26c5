"""What a model is asked: the rows of a file, at the levels that a recipe trains."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError
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
) -> dict[int, Example]:
    """The examples of a data file, one of each row; bad rows as the options say.

    Returns:
        Number of the row in its file, from 1 -> its example; none for a skipped row.

    Raises:
        ExplainError: naming file, row and field, or the file if it holds no row.
    """
    rows = islice(read_rows(path), limit)
    return examples_of(path, rows, options or ExplainOptions())


def examples_of(
    path: str, rows: Iterable[Mapping[str, Any]], options: ExplainOptions
) -> dict[int, Example]:
    """The examples of rows that are read already; see `read_examples`."""
    return _kept(RowReader(options, options.seed, path), rows, "evaluate")


def read_questions(
    path: str, limit: int | None, options: ExplainOptions, prompts: RowPrompts
) -> dict[int, Example]:
    """The examples of a data file whose rows need no answer; "-" is standard input.

    Args:
        prompts: by which a line of standard input that is a question alone is read.

    Returns:
        As `read_examples`.

    Raises:
        ExplainError: as `read_examples`.
    """
    rows = _of_stdin(prompts) if path == STDIN else read_rows(path)
    read = partial(_canonical_or, options)
    reader = RowReader(options, options.seed, path, read)
    return _kept(reader, islice(rows, limit), "ask")


def _kept(
    reader: RowReader, rows: Iterable[Mapping[str, Any] | BadRow], what_for: str
) -> dict[int, Example]:
    """The first example of each row that is not skipped, by the number of the row."""
    found = enumerate(reader.all(rows), start=1)
    examples = {number: several[0] for number, several in found if several}
    if reader.skipped:
        LOG.warning(f"{reader.name}: {reader.summary}")
    if not examples:
        why = f" ({reader.summary})" if reader.skipped else ""
        raise ExplainError(f"{reader.name}: there is no row to {what_for}{why}.")
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
