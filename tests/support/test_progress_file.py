"""The file that says how far a command has come."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from axolotl_explain.support.progress_file import (
    SECONDS,
    VARIABLE,
    ProgressFile,
    asked_for,
    read_progress,
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says, to be moved by hand."""
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_what_is_told_is_read(clock: list[float], tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    ProgressFile(file).tell(120, 300)
    assert read_progress(file) == (120, 300)


def test_before_anything_is_told_there_is_no_progress(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "progress.json") is None


def test_it_is_written_at_once_then_no_more_than_once_a_second(
    clock: list[float], tmp_path: Path
) -> None:
    progress = ProgressFile(tmp_path / "progress.json")
    seen = []
    for done in range(5):
        progress.tell(done, 100)
        seen.append(read_progress(progress.path))
        clock[0] += SECONDS / 2
    assert seen == [(0, 100), (0, 100), (2, 100), (2, 100), (4, 100)]


def test_the_end_is_always_written(clock: list[float], tmp_path: Path) -> None:
    progress = ProgressFile(tmp_path / "progress.json")
    progress.tell(99, 100)
    progress.tell(100, 100)
    assert read_progress(progress.path) == (100, 100)


def test_the_environment_names_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert asked_for() is None
    monkeypatch.setenv(VARIABLE, str(tmp_path / "p.json"))
    assert asked_for() == ProgressFile(tmp_path / "p.json")
