"""A process that runs one command, and ends it when whoever asked for it is gone.

    python -m axolotl_explain.sweep.guard LOCK OUTCOME COMMAND…

A sweep that is killed outright cannot end its children; then the other end of this
process's standard input closes, and it ends them instead. It stands at the head of a
process group of its own. While it runs it holds a lock, so that a sweep that is started
again waits until nobody writes there any more.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

GRACE = 15.0
"""Seconds between the polite signal and the other one."""

BYTES = 1 if sys.platform == "darwin" else 1_024
"""The unit in which the system tells memory."""


def guard(lock: Path, outcome: Path, command: list[str]) -> int:
    """Run a command; write down how it ended, how long it took and what it needed.

    Args:
        outcome: gets `{"code": 0, "seconds": 61.2, "peak_memory": 912345678}`, with
            the bytes of the largest process.
    """
    # Not ignored: that would pass on to the command.
    signal.signal(signal.SIGTERM, lambda number, frame: None)
    stopping = threading.Event()
    threading.Thread(target=_watch, args=(stopping,), daemon=True).start()
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        began = time.monotonic()
        code = subprocess.Popen(command, stdin=subprocess.DEVNULL).wait()
        seconds = round(time.monotonic() - began, 1)
        if stopping.is_set():
            time.sleep(1)
            os.killpg(0, signal.SIGKILL)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * BYTES
    found = {"code": code, "seconds": seconds, "peak_memory": peak}
    outcome.write_text(json.dumps(found), "utf-8")
    return code if code >= 0 else 128 - code


def _watch(stopping: threading.Event) -> None:
    """Wait until the other end of standard input closes; then end the whole group."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stopping.set()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(guard(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
