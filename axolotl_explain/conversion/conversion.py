"""A file of any source to a file of any format, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from axolotl_explain.conversion.row_formats import ROW_FORMATS, ExampleAtLevel, Row
from axolotl_explain.core.errors import BadRow, ExplainError, at
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.outcome import reasons_in_words
from axolotl_explain.core.raw_row import ReadRow
from axolotl_explain.core.template import DEFAULT_TEMPLATE
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.stream import stream_rows
from axolotl_explain.sources.unread import unread_explanations
from axolotl_explain.support.row_writer import check_suffix, row_writer
from axolotl_explain.support.whole_output import whole_file
from axolotl_explain.targets.usable import usable


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What to convert, and into what.

    Attributes:
        level: of the explanations; None for canonical rows, which hold all.
        end: text behind each target of `input_output`.
    """

    source: str
    out: Path
    options: ExplainOptions
    row_format: str = "canonical"
    level: Level | None = None
    split: str = "train"
    end: str = ""


@dataclass(slots=True)
class ConversionCounts:
    """What became of the rows."""

    read: int = 0
    written: int = 0
    without: int = 0
    """Rows that were written without an explanation: the level is missing, or any."""
    placeholders: int = 0
    """Rows with a placeholder for an explanation, which counts as none."""
    unread: Counter[str] = field(default_factory=Counter)
    """Column that may be the explanation of rows without any -> rows."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason -> rows."""

    def lines(self, level: Level | None) -> list[str]:
        """For the user, one count a line."""
        lines = [f"{self.read:,} rows read", f"{self.written:,} rows written"]
        if self.without:
            kind = "an" if level is None else f"a {level}"
            lines.append(f"{self.without:,} of them without {kind} explanation")
        if self.placeholders:
            lines.append(
                f"{self.placeholders:,} with a placeholder such as N/A for an "
                "explanation, which counts as none"
            )
        for column, rows in self.unread.items():
            lines.append(
                f"{rows:,} with text in {column}, which was not read as their "
                f"explanation (--columns long={column} would)"
            )
        if self.skipped:
            total = self.skipped.total()
            lines.append(f"{total:,} rows skipped: {reasons_in_words(self.skipped)}")
        return lines


def convert_file(
    what: Conversion, on_row: Callable[[int], object] = lambda done: None
) -> ConversionCounts:
    """Write the whole file, or nothing.

    Args:
        on_row: called with the number of rows read.

    Raises:
        ExplainError: for a file that cannot be read, a bad row unless those are
            skipped, a level that is missing or has no meaning, or if no row is left.
    """
    check_suffix(what.out)
    _check_level(what)
    reader = RowReader(what.options, what.options.seed, what.source)
    counts = ConversionCounts(skipped=reader.skipped)
    with (
        whole_file(what.out) as draft,
        row_writer(draft, what.out.suffix, what.row_format) as write,
    ):
        for counts.read, row in enumerate(stream_rows(what.source, what.split), 1):
            for example in reader(counts.read, row):
                kept = _usable(example, row, what.options, counts)
                explanation = kept.explanations.get(what.level or "none", "")
                if what.level is None:
                    counts.without += not kept.explanations
                elif what.level != "none":
                    counts.without += not explanation
                formatted = _formatted(
                    what,
                    reader,
                    counts.read,
                    ExampleAtLevel(
                        example,
                        explanation,
                        what.options.layout,
                        what.options.template or DEFAULT_TEMPLATE,
                        what.end,
                    ),
                )
                if formatted is not None:
                    write(formatted)
                    counts.written += 1
            on_row(counts.read)
        if not counts.written:
            why = f" ({reader.summary})" if reader.skipped else ""
            raise ExplainError(
                f"{what.source}: no row is left of {counts.read:,}{why}; nothing was "
                "written."
            )
    return counts


def _usable(
    example: Example,
    row: ReadRow,
    options: ExplainOptions,
    counts: ConversionCounts,
) -> Example:
    """The example as it would be trained; what it loses or lacks is counted.

    Canonical rows are written as they are read, since what reads them loses it again.
    """
    kept = usable(example, options.answer_marker)
    counts.placeholders += bool(kept.placeholders)
    if not kept.example.explanations and isinstance(row, Mapping):
        counts.unread.update(unread_explanations(row, options))
    return kept.example


def _formatted(
    what: Conversion, reader: RowReader, number: int, one: ExampleAtLevel
) -> Row | None:
    """The row to write; None where it cannot have this format and is skipped."""
    try:
        return ROW_FORMATS[what.row_format](one)
    except BadRow as error:
        if not reader.skips:
            where = at(what.source, f"row {number}", error)
            raise ExplainError(where) from None
        reader.skipped[error.reason] += 1
        return None


def _check_level(what: Conversion) -> None:
    if what.row_format == "canonical":
        if what.level is not None:
            raise ExplainError(
                f"--level {what.level}: canonical rows hold every level; leave it out, "
                "or choose another --to."
            )
    elif what.level is None:
        raise ExplainError(
            f"--to {what.row_format}: this format has room for one explanation; say "
            "which with --level none, short, medium or long."
        )
    elif what.level != "none" and what.options.order == "multitask":
        raise ExplainError(
            f"--to {what.row_format} --level {what.level}: order: multitask takes "
            "answer and explanation apart, and this format has one row an example; use "
            "--level none, or a recipe of another order."
        )
