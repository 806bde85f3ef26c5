"""A row as the bytes that stand in a file, and what it says once it is parsed.

Rows wait as JSON text until they are needed, so that no row changes how another one is
read: a table of typed columns would turn dates into times, refuse a key that comes late
in a file, and forget how a number was written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from axolotl_explain.core.errors import BadRow, quoted

ROW = "explain:row"
"""The column of a packed table that holds whole rows; all others are names alone."""

FAULT = b"\0!"
"""Begins what stands for a row that could not be read; no JSON begins so."""

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
WHOLE = re.compile(r"-?\d+\.0+")

ReadRow = Mapping[str, Any] | BadRow
"""A row, or why there is none."""


class UnreadableRow(BadRow):
    """A row that is damaged in its file, whatever its columns mean."""


class WrittenFloat(float):
    """A number that remembers how it was written, such as 1.50 or 1e5."""

    text: str


def pack(row: Mapping[str, Any]) -> bytes:
    """A row as its file would hold it, were it JSON.

    Dates become ISO texts; what is no text becomes a mapping, which is no answer.
    """
    return json.dumps(row, ensure_ascii=False, default=_plain).encode()


def pack_fault(fault: BadRow) -> bytes:
    """What stands for a row that could not be read."""
    return FAULT + json.dumps([str(fault), fault.reason]).encode()


def unpack(raw: bytes | str) -> ReadRow:
    """The row that stands in a line of JSON.

    NaN, which pandas writes for a missing value, is missing; a key that stands twice is
    a fault, since a reader of JSON would keep one of the values in silence.
    """
    if isinstance(raw, bytes) and raw.startswith(FAULT):
        return _fault(raw)
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        row = _decoded(DECODER, text)
        if "\\u" in text and SURROGATE.search(text):
            json.dumps(row, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        return _damaged(error)
    if isinstance(row, dict):
        return row
    return UnreadableRow(
        f"the line is no JSON object: {quoted(row)}.", "line is no object"
    )


def keys_of(raw: bytes) -> Iterable[str]:
    """The columns of a row, found faster than by `unpack`; none of a damaged one."""
    try:
        row = _decoded(PLAIN, raw.decode())
    except (ValueError, RecursionError):
        return ()
    return row if isinstance(row, dict) else ()


def _decoded(decoder: json.JSONDecoder, text: str) -> Any:
    """`decoder.decode`, without its search for white space where there is none."""
    try:
        row, end = decoder.raw_decode(text)
    except json.JSONDecodeError:
        end = -1
    return row if end == len(text) else decoder.decode(text)


def _damaged(error: ValueError | RecursionError) -> UnreadableRow:
    """Why a line gives no row."""
    if isinstance(error, UnicodeDecodeError):
        return not_utf8(error)
    if isinstance(error, UnicodeEncodeError):
        what = "half a surrogate pair"
        return UnreadableRow(f"the line holds {what}.", f"line holds {what}")
    if isinstance(error, RecursionError):
        what = "is nested too deeply"
        return UnreadableRow(f"the line {what}.", f"line {what}")
    if isinstance(error, RepeatedKeyError):
        return UnreadableRow(
            f"the key {quoted(error.key)} stands twice; keep one of the values.",
            "a key stands twice",
        )
    return UnreadableRow(f"the line is no JSON ({error}).", "line is no JSON")


def not_utf8(error: UnicodeDecodeError) -> UnreadableRow:
    """What to say of a row that was saved in another encoding."""
    raw = error.object
    near = raw[max(0, error.start - 20) : error.start + 20]
    return UnreadableRow(
        f"the line is not UTF-8 (byte 0x{raw[error.start]:02x} at place "
        f"{error.start + 1:,}, in {quoted(near.decode('latin-1'))}); save the file as "
        "UTF-8.",
        "line is not UTF-8",
    )


class RepeatedKeyError(ValueError):
    """A key that stands twice in one object."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {quoted(key)} stands twice")
        self.key = key


def _fault(raw: bytes) -> BadRow:
    try:
        message, reason = json.loads(raw[len(FAULT) :])
    except ValueError:
        return UnreadableRow("the line is no JSON.", "line is no JSON")
    return UnreadableRow(message, reason)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        keys = [key for key, _ in pairs]
        raise RepeatedKeyError(next(key for key in keys if keys.count(key) > 1))
    return row


def _number(text: str) -> float:
    value = float(text)
    if repr(value) == text or WHOLE.fullmatch(text):
        return value
    written = WrittenFloat(value)
    written.text = text
    return written


def _constant(text: str) -> str | None:
    return None if text == "NaN" else text


PLAIN = json.JSONDecoder()
DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_float=_number, parse_constant=_constant
)


def _plain(value: object) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"bytes": len(value)}
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value)
    return _refuse(value)


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"{type(value).__name__} cannot stand in a row")
