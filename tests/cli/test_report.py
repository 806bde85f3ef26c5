"""`axolotl explain report` as a user types it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from axolotl_explain.cli import main


def test_it_says_its_choice_and_where_it_kept_the_page(
    write_run: Callable[..., Path], tmp_path: Path
) -> None:
    runs = [
        write_run("none", "none", 5, rows=100),
        write_run("long", "long", 95, rows=100),
    ]
    out = tmp_path / "out"
    found = CliRunner().invoke(main, ["report", *map(str, runs), "--out", str(out)])
    assert found.exit_code == 0, found.output
    assert "tiny (0.47 M parameters), on test: Undecided between" in found.output
    assert f"Kept {out / 'report.html'}" in found.output
    assert (out / "accuracy_by_level.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "accuracy_by_level.svg").read_text("utf-8").startswith("<?xml")


def test_a_folder_without_results_is_one_message(tmp_path: Path) -> None:
    command = ["report", str(tmp_path), "--out", str(tmp_path / "out")]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 1
    assert found.output.startswith("Error: ")
    assert "no results here" in found.output
    assert not (tmp_path / "out").exists()


def test_without_matplotlib_it_says_what_to_install(
    write_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = write_run("long", "long", 5)
    command = ["report", str(run), "--out", str(tmp_path / "out")]
    found = CliRunner().invoke(main, command)
    assert found.exit_code == 1
    assert "pip install 'axolotl-explain[plots]'" in found.output
