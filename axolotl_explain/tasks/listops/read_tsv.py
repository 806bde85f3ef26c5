"""Read ListOps problems from the TSV files of Long Range Arena and its kin.

    Source<TAB>Target
    ( ( ( [MAX 4 ) ( ( ( [MIN 3 ) 7 ) ] ) ) ] )<TAB>4

The header may be missing. The target may come first, as in the files of Nangia and
Bowman (ListOps, 2018): the header says so, or the operators, which only a problem has.
A target may be a quoted field of several lines, an explanation that ends in `Final
answer: 4`; of it only the answer is read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from axolotl_explain.core.errors import ExplainError, at, quoted
from axolotl_explain.core.example import Example
from axolotl_explain.tasks.listops.parse import parse
from axolotl_explain.tasks.listops.problem import as_example

FIELD_LIMIT = 2**31 - 1
"""The csv module's own limit, 131072 characters, is below a problem of Long Range
Arena with a long explanation."""

HEADERS = (
    ("source", "sentence", "problem", "input"),
    ("target", "label", "answer", "output"),
)
"""What the problem and its target are called, in lower case."""

TARGET = re.compile(r"(?:.*\bFinal answer:)?\s*([0-9]{1,18})\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BadTsvRow:
    """A row that cannot be used."""

    line: int
    """The line of the file on which the row starts, counted from 1."""
    kind: str
    """One of `unreadable row`, `unreadable problem`, `unreadable target`, `wrong
    target`."""
    detail: str


def read_listops(
    path: Path, modulus: int, on_bad_row: Callable[[BadTsvRow], object] | None = None
) -> Iterator[Example]:
    """The problems of a file, each evaluated, explained and held against its target.

    `modulus` is that of SM. Rows that cannot be used are handed to `on_bad_row`.

    Raises:
        ExplainError: at a row that cannot be used, if there is no `on_bad_row`; or if
            the file cannot be opened or has no rows.
    """
    rows = 0
    target_first = False
    for line, fields in _records(path):
        if line == 1 and (places := _header(fields)):
            target_first = places == (1, 0)
            continue
        rows += 1
        ordered = _problem_first(fields, target_first)
        outcome = read_problem(ordered, line, modulus, f"{path.stem}-{line}")
        if isinstance(outcome, Example):
            yield outcome
        elif on_bad_row:
            on_bad_row(outcome)
        else:
            raise ExplainError(
                f"{at(path, f'line {outcome.line}')}: {outcome.kind}: {outcome.detail} "
                "Mend the row, or pass --on-bad-row skip."
            )
    if not rows:
        raise ExplainError(f"{path}: the file has no rows; was it cut off?")


def _header(fields: list[str] | csv.Error) -> tuple[int, ...]:
    """Where problem and target stand by the names of two columns; empty for a row."""
    if isinstance(fields, csv.Error) or len(fields) != 2:
        return ()
    names = [field.strip().casefold() for field in fields]
    places = tuple(
        at for known in HEADERS for at, name in enumerate(names) if name in known
    )
    return places if len(set(places)) == 2 else ()


def _problem_first(
    fields: list[str] | csv.Error, target_first: bool
) -> list[str] | csv.Error:
    """The fields in the order that the header says, or that only one can have."""
    if isinstance(fields, csv.Error) or len(fields) != 2:
        return fields
    swapped = "[" in fields[1] and "[" not in fields[0]
    return fields[::-1] if target_first or swapped else fields


def _records(path: Path) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """First line and fields of each row, or why it has none; blank lines left out."""
    limit = csv.field_size_limit(FIELD_LIMIT)
    try:
        # Bytes that are no UTF-8 become surrogates, to be named with their line.
        with path.open(
            encoding="utf-8-sig", errors="surrogateescape", newline=""
        ) as file:
            reader = csv.reader(file, delimiter="\t", strict=True)
            while True:
                line = reader.line_num + 1
                try:
                    fields = next(reader, None)
                except csv.Error as error:
                    yield line, error
                    continue
                if fields is None:
                    return
                if fields:
                    yield line, fields
    except OSError as error:
        raise ExplainError(f"--from {path}: {error.strerror}.") from error
    finally:
        csv.field_size_limit(limit)


def read_problem(
    fields: list[str] | csv.Error, line: int, modulus: int, id: str
) -> Example | BadTsvRow:
    """One row: the problem evaluated, explained and held against its target."""
    if isinstance(fields, csv.Error):
        return BadTsvRow(
            line, "unreadable row", f"{fields} (quoting of tab separated text)."
        )
    flaw = _flaw(fields)
    if flaw:
        return BadTsvRow(line, "unreadable row", flaw)
    source, target = fields
    try:
        example = as_example(parse(source), modulus, id)
    except ExplainError as error:
        return BadTsvRow(line, "unreadable problem", str(error))
    stated = TARGET.fullmatch(target)
    if stated is None:
        detail = f"{quoted(target)} is no number and does not end in 'Final answer: 4'."
        return BadTsvRow(line, "unreadable target", detail)
    if int(stated[1]) != int(example.answer):
        detail = (
            f"the target says {stated[1]}, but the problem evaluates to "
            f"{example.answer} (SM modulo {modulus}, see --modulus)."
        )
        return BadTsvRow(line, "wrong target", detail)
    return example


def _flaw(fields: list[str]) -> str:
    """What makes a row unreadable; empty where nothing does."""
    text = "".join(fields)
    if "\0" in text:
        return "it holds a NUL character; is this a text file?"
    if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
        return "it holds bytes that are not UTF-8; is this a text file?"
    if len(fields) != 2:
        return f"it has {len(fields)} tab separated fields; two are needed."
    return ""
