"""Rows of CSV and TSV: every cell is the text that stands in the file.

Which character separates columns shows in the first line: a comma (a tab in TSV), or
what Excel writes where the comma is a decimal mark, a semicolon. So does whether a
space follows it, which is then no part of any cell.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.raw_row import UnreadableRow, not_utf8, pack, pack_fault
from axolotl_explain.sources.local_files import LocalFile
from axolotl_explain.sources.text_file import text_lines

SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "vertical bar"}
OWN = {"csv": ",", "tsv": "\t"}


def delimited_rows(file: LocalFile) -> Iterator[bytes]:
    """The rows of a file; a row with too many or too few fields is a fault.

    Raises:
        ExplainError: if two columns have one name, or the header is no text.
    """
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield from _rows(file)
    finally:
        csv.field_size_limit(limit)


def _rows(file: LocalFile) -> Iterator[bytes]:
    lines = text_lines(file)
    head = next((line for line in lines if line.strip()), "")
    separator = OWN.get(file.kind, ",")
    if head.startswith("sep=") and len(head.strip("\r\n")) == len("sep=") + 1:
        separator, head = head[len("sep=")], next(lines, "")
    else:
        separator = _separator(head, separator)
    reader = csv.reader(
        chain([head], lines),
        delimiter=separator,
        skipinitialspace=_is_spaced(head, separator),
        strict=True,
    )
    try:
        names = _names(file.path, next(reader, []))
    except csv.Error as error:
        raise ExplainError(
            f"{file.path}: cannot be read (the first line names no columns: {error}); "
            "check that it is whole and of the kind that its name says."
        ) from None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield pack_fault(_damaged(error, line))
            continue
        if cells:
            yield _row(names, cells, line, SEPARATORS.get(separator, separator))


def _separator(head: str, own: str) -> str:
    """What separates the columns: what splits the first line into the most names.

    In TSV another than a tab only if there is none. A name that keeps half of its
    quotation marks was torn apart.
    """

    def names(separator: str) -> list[str]:
        try:
            return next(csv.reader([head], delimiter=separator), [])
        except csv.Error:
            return []

    if own == OWN["tsv"] and len(names(own)) > 1:
        return own
    return max(
        SEPARATORS,
        key=lambda one: (
            not any('"' in name for name in names(one)),
            len(names(one)),
            one == own,
        ),
    )


def _is_spaced(head: str, separator: str) -> bool:
    """Whether a space follows each separator of the first line."""
    after = head.split(separator)[1:]
    return bool(after) and all(part.startswith(" ") for part in after)


def _names(path: str, cells: Sequence[str]) -> list[str]:
    names = [name.strip() or f"Unnamed: {at}" for at, name in enumerate(cells)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ExplainError(
            f"{path}: the column {quoted(twice[0])} stands twice in the first line; "
            "rename one of them."
        )
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        raise ExplainError(
            f"{path}: cannot be read (the first line is not UTF-8); save the file as "
            "UTF-8, and check that it is whole and of the kind that its name says."
        ) from None
    return names


def _row(
    names: Sequence[str], cells: Sequence[str], line: int, separator: str
) -> bytes:
    if len(cells) != len(names):
        return pack_fault(
            UnreadableRow(
                f"the row has {len(cells)} fields and the header {len(names)} (line "
                f"{line:,}); {_way_out(cells, len(names), separator)}.",
                f"{'more' if len(cells) > len(names) else 'fewer'} fields than columns",
            )
        )
    try:
        return pack(dict(zip(names, cells, strict=True)))
    except UnicodeEncodeError:
        raw = "".join(cells).encode("utf-8", "surrogateescape")
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            return pack_fault(not_utf8(error))
        raise


def _way_out(cells: Sequence[str], num_columns: int, separator: str) -> str:
    """What to do with a row of too many or too few fields."""
    if len(cells) < num_columns:
        return f"write a {separator} for each empty field"
    if not any(cells[num_columns:]):
        return f"remove the {separator} at its end, or name a column for it"
    if any(cell.startswith(' "') for cell in cells):
        return "remove the spaces before quotation marks"
    return (
        f"put quotation marks around a text that holds a {separator}, or name every "
        "column in the first line"
    )


def _damaged(error: csv.Error, line: int) -> UnreadableRow:
    if "unexpected end" in str(error):
        return UnreadableRow(
            f"a quotation mark that opens in line {line:,} or below is never closed.",
            "a quotation mark is never closed",
        )
    if "expected after" in str(error):
        return UnreadableRow(
            f"a quotation mark stands inside a quoted text (line {line:,}); write it "
            'twice ("").',
            "a quotation mark stands inside a quoted text",
        )
    return UnreadableRow(f"line {line:,} is damaged ({error}).", "line is damaged")
