"""Carry out runs, several at a time; one that fails does not stop the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Literal, Protocol

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.commands import StoppedError
from axolotl_explain.sweep.machine import RUN_MEMORY, free_memory
from axolotl_explain.sweep.one_run import Run
from axolotl_explain.sweep.run_file import read_kept

TICK = 0.25
"""Seconds between two looks at what has happened."""

Environment = Mapping[str, str]
OnStep = Callable[[str], None]
Ended = Literal["finished", "kept", "failed", "stopped"]


class Carrier(Protocol):
    """Where runs are carried out: on this machine, or on a cluster."""

    @property
    def has_gpu(self) -> bool:
        """Whether runs are trained on GPUs."""

    def slots(self, jobs: int | None, runs: int) -> list[dict[str, str]]:
        """One environment for each run at a time."""

    def memory(self) -> Memory | None:
        """What keeps runs from beginning where there is no room for them."""

    def carry_out(self, run: Run, slot: Environment, on_step: OnStep) -> None:
        """Carry out one run to its end; the methods of `Run` say what is raised."""

    def stop(self) -> None:
        """End what is under way, and begin nothing else."""


class Listener(Protocol):
    """What is told of the runs; called from several threads."""

    def step(self, run: Run, step: str) -> None:
        """A run has begun a step."""

    def ended(self, run: Run, how: Ended, why: str) -> None:
        """A run has ended; `why` holds the last lines of one that failed."""

    def tick(self) -> None:
        """Some time has passed."""


@dataclass(slots=True)
class Memory:
    """Lets a run begin only while there is room for it beside those that run."""

    need: int = RUN_MEMORY
    """Bytes that a run takes, as far as is known."""
    free: Callable[[], int] = free_memory
    settle: float = 60.0
    """Seconds until a run that has begun has taken what it needs."""
    _running: int = 0
    _begun: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, stopped: Callable[[], bool]) -> None:
        """Wait for room; the only run always has it."""
        while not (self._entered() or stopped()):
            time.sleep(TICK)

    def leave(self, run: Run) -> None:
        """Give the room back, having learnt how much a run needs."""
        kept = read_kept(run.folder)
        with self._lock:
            self._running -= 1
            if kept is not None:
                self.need = max(self.need, kept.peak_memory)

    def _entered(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._begun = [then for then in self._begun if now - then < self.settle]
            wanted = self.need * (1 + len(self._begun))
            if self._running and self.free() < wanted:
                return False
            self._running += 1
            self._begun.append(now)
            return True


@dataclass(slots=True)
class Schedule:
    """Runs in a row, and the places where they are carried out.

    Attributes:
        slots: one environment for each run at a time.
        memory: None where it is not this machine's that counts.
    """

    runs: Sequence[Run]
    slots: Sequence[Environment]
    carrier: Carrier
    listener: Listener
    memory: Memory | None = None
    _stopped: bool = False

    def carry_out(self) -> dict[str, ExplainError]:
        """All runs, to their end.

        Returns:
            Name of a run that failed -> why.

        Raises:
            KeyboardInterrupt: once everything that was under way has ended.
        """
        free: SimpleQueue[Environment] = SimpleQueue()
        for slot in self.slots:
            free.put(slot)
        errors: dict[str, ExplainError] = {}
        with ThreadPoolExecutor(len(self.slots)) as pool:
            pending: set[Future[ExplainError | None]] = set()
            names: dict[Future[ExplainError | None], str] = {}
            for run in self.runs:
                future = pool.submit(self._one, run, free)
                pending.add(future)
                names[future] = run.name
            try:
                while pending:
                    done, pending = wait(pending, TICK, FIRST_COMPLETED)
                    for future in done:
                        error = future.result()
                        if error is not None:
                            errors[names[future]] = error
                    self.listener.tick()
            finally:
                if pending:
                    self._stopped = True
                    self.carrier.stop()
        return errors

    def _one(self, run: Run, free: SimpleQueue[Environment]) -> ExplainError | None:
        if self._stopped:
            return None
        if run.stage() == "finished":
            self.listener.ended(run, "kept", "")
            return None
        slot = free.get()
        try:
            if self.memory is not None:
                self.memory.enter(lambda: self._stopped)
            self.carrier.carry_out(
                run, slot, lambda step: self.listener.step(run, step)
            )
        except StoppedError:
            self.listener.ended(run, "stopped", "")
        except ExplainError as error:
            self.listener.ended(run, "failed", str(error))
            return error
        else:
            self.listener.ended(run, "finished", "")
        finally:
            if self.memory is not None:
                self.memory.leave(run)
            free.put(slot)
        return None
