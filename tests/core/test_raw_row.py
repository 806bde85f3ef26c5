"""Raw rows: what stands in a line of JSON, and why a line gives no row."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest

from axolotl_explain.core.example import as_text
from axolotl_explain.core.raw_row import (
    UnreadableRow,
    keys_of,
    pack,
    pack_fault,
    unpack,
)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"2024-01-03"', "2024-01-03"),
        ('"007"', "007"),
        ('"NaN"', "NaN"),
        ("1.50", "1.50"),
        ("1e5", "1e5"),
        ("2.0", "2"),
        ("-0.5", "-0.5"),
        ("0.12345678901234567890", "0.12345678901234567890"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("true", "true"),
        ("NaN", ""),
        ("null", ""),
        ("-Infinity", "-Infinity"),
    ],
)
def test_a_value_is_the_text_that_stands_in_the_file(written: str, text: str) -> None:
    row = unpack(f'{{"answer": {written}}}'.encode())
    assert isinstance(row, dict)
    assert as_text(row["answer"], "answer") == text


def test_a_number_as_it_was_written_is_still_a_number() -> None:
    row = unpack(b'{"meta": {"price": 1.50}}')
    assert isinstance(row, dict)
    assert row["meta"]["price"] == 1.5
    assert json.loads(pack(row)) == {"meta": {"price": 1.5}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": "1", "a": "2"}', "a key stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "a key stands twice"),
        ('{"a": "Größe"}'.encode("latin-1"), "line is not UTF-8"),
        (b'{"a": "x', "line is no JSON"),
        (b"[1]", "line is no object"),
        (b'{"a": "\\ud800"}', "line holds half a surrogate pair"),
        (b'{"a": ' + b"[" * 100_000, "line is nested too deeply"),
        (b"\0!what", "line is no JSON"),
    ],
)
def test_a_damaged_line_says_why(line: bytes, reason: str) -> None:
    row = unpack(line)
    assert isinstance(row, UnreadableRow)
    assert row.reason == reason


def test_the_columns_of_a_row_are_its_keys() -> None:
    assert list(keys_of(b'{"b": 1, "a": {"c": 2}}')) == ["b", "a"]
    assert list(keys_of(b"[1]")) == list(keys_of(b"\xff")) == []


def test_a_line_of_another_encoding_shows_the_place_and_the_way_out() -> None:
    message = str(unpack('{"a": "Größe"}'.encode("latin-1")))
    assert "byte 0xf6 at place 10" in message
    assert "Größe" in message
    assert message.endswith("save the file as UTF-8.")


def test_a_fault_is_kept_as_it_is() -> None:
    fault = unpack(pack_fault(UnreadableRow("the row has 5 fields.", "more fields")))
    assert isinstance(fault, UnreadableRow)
    assert (str(fault), fault.reason) == ("the row has 5 fields.", "more fields")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (datetime.date(2024, 1, 3), "2024-01-03"),
        (datetime.datetime(2024, 1, 3, 4, 5), "2024-01-03 04:05:00"),
        (Decimal("1.50"), "1.50"),
        (b"\xff\xd8", {"bytes": 2}),
        (float("nan"), None),
    ],
)
def test_a_typed_value_becomes_text(value: Any, kept: Any) -> None:
    assert unpack(pack({"a": value})) == {"a": kept}
