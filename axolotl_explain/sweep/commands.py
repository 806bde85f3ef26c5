"""Commands that run for a sweep, each below a guard, all of which can be stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.warm_start import WarmCommand, WarmProcess

LOG_LINES = 15
MODULES = {
    "accelerate": "accelerate.commands.accelerate_cli",
    "axolotl-explain": "axolotl_explain",
}
"""Programs whose scripts may not be on the path -> the modules behind them."""

GUARD = "axolotl_explain.sweep.guard"
TAIL_BYTES = 50_000
"""How much of the end of a log is read for its last lines."""


Guarded = subprocess.Popen[bytes] | WarmProcess
"""A command below its guard; closing its standard input ends it."""


class StoppedError(Exception):
    """The user, or the end of this process, has stopped a command."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command that has ended well took."""

    seconds: float
    peak_memory: int
    """Bytes of its largest process."""


@dataclass(slots=True)
class Commands:
    """Runs commands until it is told to stop.

    Attributes:
        environment: variables that every command gets besides those of this process.
        warm: whether commands are forked from a process that has imported Axolotl.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    warm: bool = False
    _running: set[Guarded] = field(default_factory=set)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self,
        command: list[str],
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> CommandResult:
        """Run one command to its end; what it prints goes to the end of a log.

        Args:
            command: as a user would type it.
            folder: which it writes into; locked meanwhile.
            environment: further variables for this command.

        Raises:
            ExplainError: if it fails, with its last lines.
            StoppedError: if it was stopped.
        """
        outcome = folder / ".outcome.json"
        outcome.unlink(missing_ok=True)
        process = self._start(command, folder, log, outcome, environment or {})
        try:
            code = process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
            if process.stdin is not None:
                process.stdin.close()
        if self._stopped.is_set():
            raise StoppedError
        if code:
            raise ExplainError(
                f"ended with exit code {code}; the last lines of {log}:\n  "
                + "\n  ".join(tail(log, LOG_LINES))
            )
        facts = json.loads(outcome.read_text("utf-8"))
        return CommandResult(facts["seconds"], facts["peak_memory"])

    def stop(self) -> None:
        """End all commands and all that they have started; start no others."""
        with self._lock:
            self._stopped.set()
            for process in self._running:
                if process.stdin is not None:
                    process.stdin.close()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    def _start(
        self,
        command: list[str],
        folder: Path,
        log: Path,
        outcome: Path,
        environment: Mapping[str, str],
    ) -> Guarded:
        module = MODULES.get(command[0], command[0])
        variables = {**os.environ, **self.environment, **environment}
        process: Guarded
        with self._lock, log.open("a", encoding="utf-8") as file:
            if self._stopped.is_set():
                raise StoppedError
            # A command that was killed has left a line unfinished.
            if file.tell() and not log.read_bytes().endswith(b"\n"):
                file.write("\n")
            file.write(f"$ {' '.join(command)}\n")
            file.flush()
            lock = lock_of(folder)
            if self.warm:
                process = WarmCommand(
                    module, command[1:], lock, outcome, log, variables, os.getcwd()
                ).start()
            else:
                line = [sys.executable, "-m", GUARD, str(lock), str(outcome)]
                line += [sys.executable, "-m", module, *command[1:]]
                process = subprocess.Popen(
                    line,
                    stdin=subprocess.PIPE,
                    stdout=file,
                    stderr=file,
                    env=variables,
                    start_new_session=True,
                )
            self._running.add(process)
        return process


def lock_of(folder: Path) -> Path:
    """The file that a guard holds while something writes into a folder."""
    return folder / ".lock"


def tail(log: Path, lines: int) -> list[str]:
    """The last lines of a log; of a progress bar, what it showed last."""
    if not log.is_file():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        text = file.read().decode("utf-8", "replace")
    whole = [line.rstrip().rpartition("\r")[2] for line in text.split("\n")]
    return [line for line in whole if line.strip()][-lines:]
