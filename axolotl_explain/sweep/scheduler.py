"""Execute many runs, several at a time; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Literal, Protocol

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.backend import Backend, Environment, MachineLostError
from axolotl_explain.sweep.commands import StoppedError
from axolotl_explain.sweep.memory_gate import MemoryGate
from axolotl_explain.sweep.one_run import SweepRun

TICK = 0.25
"""Seconds between two calls of `Listener.tick`."""

MOST_LOSSES = 3
"""How often a run may lose its machine and go on."""

RunEnd = Literal["finished", "kept", "failed", "stopped"]
"""How a run has ended; `kept` is one that was finished before."""


class Listener(Protocol):
    """Hears what happens to the runs."""

    def step_began(self, run: SweepRun, step: str) -> None:
        """A run has begun a step; called by the thread of the run."""

    def machine_lost(self, run: SweepRun, why: str) -> None:
        """A run has lost its machine and will go on; called by its thread."""

    def run_ended(self, run: SweepRun, how: RunEnd, why: str) -> None:
        """A run has ended; called by its thread.

        Args:
            why: the error of one that failed, with its last lines; else empty.
        """

    def tick(self) -> None:
        """Called every quarter of a second, by the thread that has started the runs."""


@dataclass(slots=True)
class Scheduler:
    """Runs, and the slots in which a backend executes them.

    Attributes:
        runs: in the order in which they start.
        slots: one environment for each run at a time.
        memory: None where runs need not wait for memory.
    """

    runs: Sequence[SweepRun]
    slots: Sequence[Environment]
    backend: Backend
    listener: Listener
    memory: MemoryGate | None = None
    _stopped: bool = False

    def execute(self) -> dict[str, ExplainError]:
        """Execute all runs to their end.

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
            names = {pool.submit(self._one, run, free): run.name for run in self.runs}
            pending: set[Future[ExplainError | None]] = set(names)
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
                    self.backend.stop()
        return errors

    def _one(
        self, run: SweepRun, free: SimpleQueue[Environment]
    ) -> ExplainError | None:
        if self._stopped:
            return None
        if run.stage() == "finished":
            self.listener.run_ended(run, "kept", "")
            return None
        slot = free.get()
        try:
            if self.memory is not None:
                self.memory.enter(lambda: self._stopped)
            self._to_its_end(run, slot)
        except StoppedError:
            self.listener.run_ended(run, "stopped", "")
        except ExplainError as error:
            self.listener.run_ended(run, "failed", str(error))
            return error
        else:
            self.listener.run_ended(run, "finished", "")
        finally:
            if self.memory is not None:
                self.memory.leave(run.folder)
            free.put(slot)
        return None

    def _to_its_end(self, run: SweepRun, slot: Environment) -> None:
        """Execute a run, again where its machine is lost: it goes on where it was."""
        losses = 0
        while True:
            try:
                return self.backend.execute(
                    run, slot, lambda step: self.listener.step_began(run, step)
                )
            except MachineLostError as lost:
                losses += 1
                if losses > MOST_LOSSES:
                    raise ExplainError(
                        f"{lost}; that is loss {losses} of {run.name}, which is given "
                        "up. Started again, the sweep goes on where it was."
                    ) from None
                self.listener.machine_lost(run, str(lost))
