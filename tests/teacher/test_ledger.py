"""The ledger keeps every reply, whatever ends the process that writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.teacher.ledger import Entry, open_ledger


def entry(number: int, **more: Any) -> Entry:
    facts: dict[str, Any] = {
        "key": f"{number:064x}",
        "row": number,
        "id": f"m-{number}",
        "ask": "explain",
        "level": "long",
        "turn": 1,
        "reason": None,
        "model": "teacher",
        "text": f"It is {number}.",
        "tokens": 10,
        "cost": 0.25,
    }
    return Entry(**{**facts, **more})


def test_what_is_added_is_found_at_once_and_later(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.jsonl"
    with open_ledger(path) as ledger:
        for number in range(50):
            ledger.add(entry(number))
            assert ledger.find(entry(number).key) == entry(number)
    with open_ledger(path) as ledger:
        assert ledger.totals.replies == len(ledger) == 50
        assert (ledger.totals.tokens, ledger.totals.cost) == (500, 12.5)
        assert ledger.find(entry(7).key) == entry(7)
        assert ledger.find(entry(77).key) is None
        ledger.add(entry(77))
        assert ledger.find(entry(77).key) == entry(77)
    assert len(path.read_text().splitlines()) == 51


@pytest.mark.parametrize("torn", [b'{"key":"00', b'{"key": "x"}', b"\xff\x00", b"{"])
def test_a_torn_last_line_is_mended(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "ledger.jsonl"
    with open_ledger(path) as ledger:
        ledger.add(entry(1))
        ledger.add(entry(2))
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    with open_ledger(path) as ledger:
        assert len(ledger) == 2
        ledger.add(entry(3))
        assert ledger.find(entry(3).key) == entry(3)
    assert path.read_bytes() == whole + entry(3).to_line()


def test_a_line_that_is_all_torn_leaves_an_empty_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"key":' + b"x" * 3_000_000)
    with open_ledger(path) as ledger:
        assert len(ledger) == 0
    assert not path.exists()


def test_a_full_disk_leaves_no_half_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.jsonl"
    with open_ledger(path) as ledger:
        ledger.add(entry(1))
        file = ledger.ends

        class Full:
            """A file on a disk with room for nine bytes."""

            fileno = file.fileno

            def write(self, line: bytes) -> int:
                return file.write(line[:9])

        monkeypatch.setattr(ledger, "ends", Full())
        with pytest.raises(ExplainError, match="the disk is full"):
            ledger.add(entry(2))
        monkeypatch.setattr(ledger, "ends", file)
        ledger.add(entry(3))
        assert ledger.find(entry(3).key) == entry(3)
    assert path.read_bytes() == entry(1).to_line() + entry(3).to_line()


def test_a_second_process_is_told_and_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    with open_ledger(path) as ledger:
        ledger.add(entry(1))
        with pytest.raises(ExplainError, match="another process is writing it"):
            open_ledger(path).__enter__()
        ledger.add(entry(2))
    with open_ledger(path) as ledger:
        assert len(ledger) == 2


def test_a_file_that_is_no_ledger_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"instruction": "Add."}\n')
    with pytest.raises(ExplainError, match=r"line 1: .* is no reply of a teacher"):
        open_ledger(path).__enter__()
    assert path.read_text() == '{"instruction": "Add."}\n'


@pytest.mark.parametrize(
    "text",
    ["\ud800 half", "a\u2028b\x00\x1b[31m", "<script>", "{{ 7 * 7 }}", "é" * 100_000],
)
def test_any_text_comes_back_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ledger.jsonl"
    with open_ledger(path) as ledger:
        ledger.add(entry(1, text=text, thought=text))
    (line,) = path.read_bytes().splitlines()
    assert json.loads(line)["text"] == text
    with open_ledger(path) as ledger:
        found = ledger.find(entry(1).key)
    assert found is not None
    assert found.reply is not None
    assert found.reply.text == text


def test_fields_of_a_later_version_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    line = {**json.loads(entry(1).to_line()), "colour": "red"}
    path.write_text(json.dumps(line) + "\n")
    with open_ledger(path) as ledger:
        assert ledger.find(entry(1).key) == entry(1)
