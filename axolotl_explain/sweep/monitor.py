"""The status of all runs of a sweep while they are executed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from axolotl_explain.support.progress_file import read_progress
from axolotl_explain.sweep.grid_runs import GridRun
from axolotl_explain.sweep.one_run import Stage, SweepRun
from axolotl_explain.sweep.results_file import exact_matches
from axolotl_explain.sweep.run_file import read_state
from axolotl_explain.sweep.scheduler import RunEnd
from axolotl_explain.sweep.time_left import (
    ProgressMark,
    TimedRun,
    expected_seconds,
    seconds_to_end,
    time_left,
)

WAITING = "waiting"


@dataclass(slots=True)
class RunStatus:
    """How far one run has come; times are those of `time.monotonic`."""

    run: SweepRun
    choices: Mapping[str, Any]
    first_stage: Stage
    """The stage it was at when the sweep began."""
    state: str = WAITING
    """`waiting`, the name of the step that runs, or how the run has ended."""
    began_at: float = 0.0
    """When its first step began; 0 before that."""
    step_began_at: float = 0.0
    seconds: float | None = None
    """How long it took in all, once it has ended."""
    first_progress: ProgressMark | None = None
    last_progress: ProgressMark | None = None
    """Training steps, or completions, of the step that runs: as first seen, and when
    they were last seen to grow."""
    losses: int = 0
    """How often its machine was lost."""
    exact_matches: Sequence[tuple[str, float]] = ()
    """(level, exact match), once it is evaluated."""

    @property
    def running(self) -> bool:
        """Whether a command of it runs."""
        return bool(self.began_at) and self.seconds is None

    def enter(self, state: str) -> None:
        """Change to another state, in which nothing has been done yet."""
        self.state, self.first_progress, self.last_progress = state, None, None


class StatusChange(NamedTuple):
    """A run has begun a step, has lost its machine or has ended."""

    status: RunStatus
    state: str
    why: str = ""
    """The error of one that failed; what has become of a machine that was lost."""


@dataclass(slots=True)
class Monitor:
    """A `Listener` that keeps the status of all runs for what displays them.

    Attributes:
        runs: name -> status.
        jobs: how many run at a time.
    """

    runs: dict[str, RunStatus]
    jobs: int
    _changes: list[StatusChange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, planned: Sequence[GridRun], jobs: int) -> Monitor:
        """A monitor of runs of which none has begun."""
        runs = {
            one.run.name: RunStatus(one.run, one.choices, one.run.stage())
            for one in planned
        }
        return cls(runs, jobs)

    def step_began(self, run: SweepRun, step: str) -> None:
        """A run has begun a step."""
        with self._lock:
            status = self.runs[run.name]
            status.enter(step)
            status.step_began_at = time.monotonic()
            status.began_at = status.began_at or status.step_began_at
            self._changes.append(StatusChange(status, step))

    def machine_lost(self, run: SweepRun, why: str) -> None:
        """A run has lost its machine, and waits for another."""
        with self._lock:
            status = self.runs[run.name]
            status.enter(WAITING)
            status.losses += 1
            self._changes.append(StatusChange(status, WAITING, why))

    def run_ended(self, run: SweepRun, how: RunEnd, why: str) -> None:
        """A run has ended."""
        with self._lock:
            status = self.runs[run.name]
            status.enter(how)
            now = time.monotonic()
            status.seconds = now - status.began_at if status.began_at else 0.0
            if how in ("finished", "kept"):
                status.exact_matches = exact_matches(run)
            self._changes.append(StatusChange(status, how, why))

    def read_progress(self) -> None:
        """Read how far the steps that run have come."""
        for status in self.runs.values():
            if not status.running:
                continue
            progress = read_progress(status.run.progress_file)
            last = status.last_progress
            if progress and (last is None or progress[0] != last.done):
                mark = ProgressMark(time.monotonic(), *progress)
                status.last_progress = mark
                status.first_progress = status.first_progress or mark

    def take_changes(self) -> list[StatusChange]:
        """What has changed since the last call."""
        with self._lock:
            changes, self._changes = self._changes, []
            return changes

    def count(self, *states: str) -> int:
        """How many runs are in one of these states."""
        return sum(status.state in states for status in self.runs.values())

    def seconds_left(self) -> float | None:
        """An estimate of the time until all runs have ended; None without any basis."""
        now = time.monotonic()
        timed = [*self._finished(), *self._projections(now)]
        running, waiting = [], []
        for status in self.runs.values():
            guess = expected_seconds(status.choices, timed)
            if status.running or status.state == WAITING:
                if guess is None:
                    return None
                if status.running:
                    running.append(guess - (now - status.began_at))
                elif status.first_stage != "finished":
                    waiting.append(guess)
        return time_left(running, waiting, self.jobs)

    def _finished(self) -> list[TimedRun]:
        timed = []
        for status in self.runs.values():
            finished = "finished" in (status.first_stage, status.state)
            state = read_state(status.run.folder) if finished else None
            if state is not None:
                timed.append(TimedRun(status.choices, sum(state.seconds.values())))
        return timed

    def _projections(self, now: float) -> list[TimedRun]:
        """What the runs under way seem to take in all, as far as can be estimated."""
        timed = []
        for status in self.runs.values():
            if not status.running:
                continue
            last = status.last_progress
            rest = seconds_to_end(status.first_progress, last)
            if rest is not None and last is not None:
                whole = last.time - status.began_at + rest
                timed.append(TimedRun(status.choices, whole))
            elif status.step_began_at > status.began_at:
                timed.append(TimedRun(status.choices, now - status.began_at))
        return timed
