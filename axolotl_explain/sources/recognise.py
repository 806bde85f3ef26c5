"""Which source fits the rows of a file: what `explain:` has to say to have them read.

Tried in this order, and the first that reads enough of the rows is taken: canonical
rows, conversations, public datasets by their columns, and columns by their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.core.raw_row import ReadRow
from axolotl_explain.sources.guess_columns import guess_columns
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.reader import make_reader
from axolotl_explain.sources.turns import COLUMNS as TURNS
from axolotl_explain.sources.unread import unread_explanations

Row = Mapping[str, Any]
ENOUGH = 0.9
"""The share of rows that a source must read."""
ENOUGH_OF_PRESET = 0.5
"""The same for public datasets, which have rows that are meant to be skipped, such as
proofs; and the share of a row's columns that must have the published names."""
SEPARATORS = ("Final answer:", "####", "Answer:", "The answer is")
"""What often stands between explanation and answer in a conversation."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """How rows are read, and what they then hold.

    Attributes:
        block: keys of `explain:`; empty for canonical rows.
        why: by what they were recognised, in words.
        rows: how many were looked at.
        examples: what was read of them.
        levels: explained level -> examples that have it.
        bad: rows that cannot be read.
        first_bad: the first of these, and why.
    """

    block: Mapping[str, Any]
    why: str
    rows: int
    examples: Sequence[Example]
    levels: Counter[Level]
    bad: int = 0
    first_bad: str = ""

    @property
    def common(self) -> list[Level]:
        """The explained levels that every example has."""
        return [one for one in EXPLAINED if self.levels[one] == len(self.examples)]

    @property
    def explained(self) -> int:
        """How many examples have an explanation at all."""
        return sum(bool(one.explanations) for one in self.examples)


@dataclass(slots=True)
class _Reading:
    """What one source makes of the rows."""

    examples: list[Example] = field(default_factory=list)
    read: int = 0
    explained: int = 0
    first_bad: str = ""


def recognise(rows: Sequence[ReadRow]) -> Recognised | None:
    """The source that fits the rows; None where none does.

    >>> row = {"question": "3 + 4?", "answer": "3, 4 more: <<3+4=7>>7.\\n#### 7"}
    >>> dict(recognise([row]).block)
    {'preset': 'gsm8k'}
    """
    whole = [row for row in rows if isinstance(row, Mapping)]
    if not whole:
        return None
    for block, why in _candidates(whole):
        found = recognised(rows, block, why)
        least = ENOUGH_OF_PRESET if "preset" in block else ENOUGH
        if len(rows) - found.bad >= least * len(rows):
            return found
    return None


def recognised(rows: Sequence[ReadRow], block: Row, why: str) -> Recognised:
    """What rows hold if they are read as a block says."""
    reading = _read(rows, block)
    levels = Counter(level for one in reading.examples for level in one.explanations)
    return Recognised(
        block,
        why,
        len(rows),
        reading.examples,
        levels,
        len(rows) - reading.read,
        reading.first_bad,
    )


def _candidates(rows: Sequence[Row]) -> Iterator[tuple[dict[str, Any], str]]:
    """(keys of `explain:`, why) of each source that may fit, the likeliest first."""
    if _share(rows, {}) >= ENOUGH:
        unread = _unread(rows)
        if unread:
            yield (
                {"columns": {"long": unread}},
                f"canonical rows with explanations in the column {unread}",
            )
        yield {}, "canonical rows"
    if any(name in row for row in rows for name in TURNS):
        block = {"messages": _messages(rows)}
        yield block, "conversations"
    preset = _preset(rows)
    if preset:
        yield {"preset": preset}, f"columns and answers as in {preset}"
    columns = guess_columns(rows)
    if columns:
        named = ", ".join(f"{part}: {name}" for part, name in columns.items())
        yield {"columns": columns}, f"columns by their names ({named})"


def _read(rows: Sequence[ReadRow], block: Row) -> _Reading:
    read = make_reader(SourceOptions(**block), 0)
    found = _Reading()
    for number, row in enumerate(rows, 1):
        try:
            if isinstance(row, BadRow):
                raise row
            examples = read(row)
        except ExplainError as error:
            found.first_bad = found.first_bad or f"row {number}, {error}"
            continue
        found.read += 1
        found.explained += all(one.explanations for one in examples)
        found.examples += examples
    return found


def _share(rows: Sequence[Row], block: Row) -> float:
    return _read(rows, block).read / len(rows)


def _unread(rows: Sequence[Row]) -> str | None:
    """The one column that explains rows which have no explanation of their own."""
    if _read(rows, {}).explained:
        return None
    options = SourceOptions()
    counted = Counter(
        name for row in rows for name in unread_explanations(row, options)
    )
    names = [name for name, count in counted.items() if count >= ENOUGH * len(rows)]
    return names[0] if len(names) == 1 and "." not in names[0] else None


def _messages(rows: Sequence[Row]) -> dict[str, str]:
    """The options of conversations: where their explanations stand."""
    if _read(rows, {"messages": {}}).explained:
        return {}
    for separator in SEPARATORS:
        options = {"separator": separator}
        found = _read(rows, {"messages": options})
        if found.explained >= ENOUGH * len(rows):
            return options
    return {}


def _preset(rows: Sequence[Row]) -> str | None:
    """The public dataset that has these columns and explains most of the rows."""
    best: tuple[float, float, int] = (0.0, 0.0, 0)
    name = None
    for one, preset in PRESETS.items():
        published = {names[0] for names in preset.columns.values()}
        known = sum(column in published for column in rows[0]) / len(rows[0])
        if known < ENOUGH_OF_PRESET:
            continue
        found = _read(rows, {"preset": one})
        if found.explained < ENOUGH_OF_PRESET * len(rows):
            continue
        rank = (known, found.explained / max(1, found.read), found.explained)
        if rank > best:
            best, name = rank, one
    return name
