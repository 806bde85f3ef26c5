"""A run starts only while there is memory for it beside those that are running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from axolotl_explain.sweep.machine import RUN_MEMORY, free_memory
from axolotl_explain.sweep.run_file import read_state

POLL_INTERVAL = 0.25
"""Seconds between two looks at the free memory."""


@dataclass(slots=True)
class MemoryGate:
    """Counts the runs that have entered, and lets others in while memory is free."""

    need: int = RUN_MEMORY
    """Bytes that a run takes, as far as is known."""
    free: Callable[[], int] = free_memory
    settle: float = 60.0
    """Seconds until a run that has started has taken the memory it needs."""
    _running: int = 0
    _starts: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, stopped: Callable[[], bool]) -> None:
        """Wait for memory, or until stopped; a run on its own never waits."""
        while not (self._entered() or stopped()):
            time.sleep(POLL_INTERVAL)

    def leave(self, folder: Path) -> None:
        """Give the memory of the run in a folder back.

        The most that any run has taken is what the next one is expected to need.
        """
        state = read_state(folder)
        with self._lock:
            self._running -= 1
            if state is not None:
                self.need = max(self.need, state.peak_memory)

    def _entered(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._starts = [then for then in self._starts if now - then < self.settle]
            wanted = self.need * (1 + len(self._starts))
            if self._running and self.free() < wanted:
                return False
            self._running += 1
            self._starts.append(now)
            return True
