"""Locks on folders."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.locks import only_sweep, wait_until_free

SWEEP = """
import sys, time
from pathlib import Path
from axolotl_explain.sweep.locks import only_sweep
with only_sweep(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that sweeps in the folder."""
    command = [sys.executable, "-c", SWEEP, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_two_sweeps_do_not_write_one_folder(
    sweep: subprocess.Popen[str], tmp_path: Path
) -> None:
    for _ in range(2):
        with (
            pytest.raises(ExplainError, match=f"process {sweep.pid} is sweeping there"),
            only_sweep(tmp_path),
        ):
            pass


def test_a_lock_goes_with_a_process_that_is_killed(
    sweep: subprocess.Popen[str], tmp_path: Path
) -> None:
    sweep.kill()
    sweep.wait()
    with only_sweep(tmp_path):
        pass


def test_a_sweep_that_has_ended_leaves_the_folder_free(tmp_path: Path) -> None:
    with only_sweep(tmp_path / "new"):
        pass
    with only_sweep(tmp_path / "new"):
        pass


def test_a_lock_that_nobody_has_ever_held_is_free(tmp_path: Path) -> None:
    wait_until_free(tmp_path / ".lock")
    assert list(tmp_path.iterdir()) == []
