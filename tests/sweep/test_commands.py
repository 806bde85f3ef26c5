"""Commands below a guard: they end with whoever asked for them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.commands import Commands, StoppedError, lock_of, tail
from axolotl_explain.sweep.locks import wait_until_free

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
open("pids", "w").write(f"{child.pid}")
child.wait()
"""
"""A command with a child of its own, as `accelerate launch` is one."""

SWEEP = """
import sys
from pathlib import Path
from axolotl_explain.sweep import warm_start
from axolotl_explain.sweep.commands import Commands
warm_start.IMPORTS = "json"
Commands(warm={warm}).run(["parent"], Path("run"), Path("log"))
"""


@pytest.fixture(params=[False, True], ids=["a new Python", "forked"])
def warm(request: pytest.FixtureRequest) -> bool:
    """How a command begins; what it does, and how it is ended, is the same."""
    return bool(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run; the modules `ends`, `fails` and `parent` can be run."""
    monkeypatch.chdir(tmp_path)
    here = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", here)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "parent.py").write_text(PARENT)
    (tmp_path / "ends.py").write_text("import os; print(os.environ['SAID'])")
    (tmp_path / "fails.py").write_text("print('the reason'); raise SystemExit(3)")
    run = tmp_path / "run"
    run.mkdir()
    return run


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it never is."""
    for _ in range(1_200):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("nothing happened for a minute")


def alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def is_free(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_what_a_command_prints_and_takes_is_kept(folder: Path, warm: bool) -> None:
    log = folder / "log"
    commands = Commands({"SAID": "from the sweep"}, warm)
    outcome = commands.run(["ends"], folder, log)
    assert log.read_text() == "$ ends\nfrom the sweep\n"
    assert outcome.peak_memory > 1_000_000
    commands.run(["ends"], folder, log, {"SAID": "from the slot"})
    assert log.read_text().splitlines()[2:] == ["$ ends", "from the slot"]


def test_a_failing_command_shows_its_last_lines(folder: Path, warm: bool) -> None:
    log = folder / "log"
    with pytest.raises(ExplainError, match="exit code 3") as caught:
        Commands(warm=warm).run(["fails"], folder, log)
    assert "the reason" in str(caught.value)
    assert str(log) in str(caught.value)


def test_stopping_ends_a_command_and_its_children(folder: Path, warm: bool) -> None:
    commands, seen = Commands(warm=warm), []

    def run() -> None:
        try:
            commands.run(["parent"], folder, folder / "log")
        except StoppedError as error:
            seen.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: Path("pids").is_file() and Path("pids").read_text() != "")
    child = int(Path("pids").read_text())
    assert alive(child)
    assert not is_free(lock_of(folder))
    commands.stop()
    thread.join()
    until(lambda: not alive(child))
    assert seen
    until(lambda: is_free(lock_of(folder)))
    with pytest.raises(StoppedError):
        commands.run(["ends"], folder, folder / "log")


def test_killing_a_sweep_outright_ends_its_commands(folder: Path, warm: bool) -> None:
    sweep = subprocess.Popen([sys.executable, "-c", SWEEP.format(warm=warm)])
    until(lambda: Path("pids").is_file() and Path("pids").read_text() != "")
    child = int(Path("pids").read_text())
    assert alive(child)
    sweep.send_signal(signal.SIGKILL)
    sweep.wait()
    wait_until_free(lock_of(folder))
    until(lambda: not alive(child))


def test_killing_a_sweep_and_its_guard_ends_the_command(
    folder: Path, warm: bool
) -> None:
    """As Ray does, which kills the children of a worker with it."""
    sweep = subprocess.Popen([sys.executable, "-c", SWEEP.format(warm=warm)])
    until(lambda: Path("pids").is_file() and Path("pids").read_text() != "")
    child = int(Path("pids").read_text())
    command = psutil.Process(child).parent()
    assert command is not None
    guard = command.parent()
    assert guard is not None
    guard.kill()
    sweep.kill()
    sweep.wait()
    until(lambda: not alive(child))


def test_of_a_progress_bar_the_last_picture_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes("one\n 10%\r 50%\r100%\n\nThe fault: \xff\n".encode("latin-1"))
    assert tail(log, 2) == ["100%", "The fault: \ufffd"]
    assert tail(tmp_path / "none", 2) == []
