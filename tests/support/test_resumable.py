"""A file of finished work survives whatever ends its writer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.resumable import (
    LineFormat,
    ResumableFile,
    lock_path,
    resumable_file,
)

Row = dict[str, Any]
LINES: LineFormat[int, Row] = LineFormat(
    lambda row: int(row["id"]), lambda row: json.dumps(row) + "\n", dict
)
HOLD = """
import sys, time
from pathlib import Path
from tests.support.test_resumable import LINES
from axolotl_explain.support.resumable import resumable_file
with resumable_file(Path(sys.argv[1]), LINES, "busy") as work:
    work.add([{"id": 1}])
    print("held", flush=True)
    time.sleep(60)
"""


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    with resumable_file(path, LINES, "busy") as work:
        work.add([{"id": 1}, {"id": 2}])
    with resumable_file(path, LINES, "busy") as work:
        assert list(work.items) == [1, 2]
        work.add([{"id": 3}])
        assert path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize("torn", [b'{"id"', b'{"id": 9}', "é".encode()[:1]])
def test_a_last_line_that_was_cut_off_is_removed(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "work.jsonl"
    path.write_bytes(b'{"id": 1}\n' + torn)
    with resumable_file(path, LINES, "busy") as work:
        assert list(work.items) == [1]
        work.add([{"id": 2}])
    assert path.read_bytes() == b'{"id": 1}\n{"id": 2}\n'


def test_a_second_time_the_same_key_counts_as_the_later_one(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    with resumable_file(path, LINES, "busy") as work:
        work.add([{"id": 1, "text": "a"}])
        work.add([{"id": 1, "text": "b"}])
    with resumable_file(path, LINES, "busy") as work:
        assert work.items == {1: {"id": 1, "text": "b"}}


def test_without_a_file_it_stays_in_memory() -> None:
    work = ResumableFile(LINES)
    work.add([{"id": 1}])
    assert list(work.items) == [1]


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    with (
        resumable_file(path, LINES, "busy") as work,
        pytest.raises(ExplainError, match="in use"),
        resumable_file(path, LINES, "in use"),
    ):
        work.add([{"id": 1}])


def test_the_lock_goes_with_an_error(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    with suppress(KeyboardInterrupt), resumable_file(path, LINES, "busy"):
        assert lock_path(path).exists()
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == [path]


def test_the_lock_goes_with_a_process_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(ExplainError), resumable_file(path, LINES, "busy"):
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with resumable_file(path, LINES, "busy") as work:
        assert list(work.items) == [1]
    assert list(tmp_path.iterdir()) == [path]
