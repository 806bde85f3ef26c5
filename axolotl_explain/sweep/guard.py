"""A process that runs one command, and ends it when whoever asked for it is gone.

    python -m axolotl_explain.sweep.guard LOCK OUTCOME COMMAND…

A sweep that is killed outright cannot end its children; then the other end of the
standard input closes, and what runs here is ended. A second process watches for that,
because some, as Ray does with its workers, kill the first one along with the sweep.
Together they form a process group of their own and hold a lock, so that a sweep that is
started again waits until nobody writes there any more.

It starts before every command and outlives whatever goes wrong above it, so it imports
the standard library alone, and locks as filelock does on Unix (`locks.py`): by flock.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

GRACE = 15.0
"""Seconds between the polite signal and the other one."""

STDIN = 0
"""Not `sys.stdin`, which a forked process has replaced."""

BYTES = 1 if sys.platform == "darwin" else 1_024
"""The unit in which the system reports memory."""


def execute(command: list[str]) -> int:
    """Run a command to its end; its exit code, negative where a signal ended it."""
    return subprocess.Popen(command, stdin=subprocess.DEVNULL).wait()


def guard(
    lock: Path,
    outcome: Path,
    command: list[str],
    run: Callable[[list[str]], int] = execute,
) -> int:
    """Run a command; write down how it ended, how long it took and how much memory.

    Args:
        outcome: gets `{"code": 0, "seconds": 61.2, "peak_memory": 912345678}`, with
            the bytes of the largest process.
        run: what runs the command, in a process below this one.
    """
    stopping: list[int] = []
    # Not ignored: that would pass on to the command.
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        watcher = os.fork()
        if not watcher:
            _watch()
        began = time.monotonic()
        code = run(command)
        seconds = round(time.monotonic() - began, 1)
        if stopping:
            time.sleep(1)
            os.killpg(0, signal.SIGKILL)
        os.kill(watcher, signal.SIGKILL)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * BYTES
    found = {"code": code, "seconds": seconds, "peak_memory": peak}
    outcome.write_text(json.dumps(found), "utf-8")
    return code if code >= 0 else 128 - code


def _watch() -> NoReturn:
    """Wait until the other end of standard input closes; then end the whole group."""
    while os.read(STDIN, 1):
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(guard(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
