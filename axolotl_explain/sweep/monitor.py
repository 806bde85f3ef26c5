"""What is known of a sweep's runs while they run."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from axolotl_explain.support.progress_file import read_progress
from axolotl_explain.sweep.grid_runs import Planned
from axolotl_explain.sweep.one_run import Run, Stage
from axolotl_explain.sweep.results_file import shares
from axolotl_explain.sweep.run_file import read_kept
from axolotl_explain.sweep.scheduler import Ended
from axolotl_explain.sweep.time_left import Known, Mark, expected, still, time_left

WAITING = "waiting"


@dataclass(slots=True)
class Watched:
    """One run as it is shown."""

    run: Run
    choices: Mapping[str, Any]
    stage: Stage
    """As it was when the sweep began."""
    state: str = WAITING
    """`waiting`, the name of a step, or how it has ended."""
    step_began: float = 0.0
    began: float = 0.0
    seconds: float | None = None
    """That it has taken in all, once it has ended."""
    first: Mark | None = None
    last: Mark | None = None
    """Steps or completions of the step that runs, when they were first and last seen
    to grow."""
    shares: Sequence[tuple[str, float]] = ()
    """(level, exact match), once it is evaluated."""

    @property
    def running(self) -> bool:
        """Whether a command of it runs."""
        return bool(self.began) and self.seconds is None


class News(NamedTuple):
    """A run has begun a step or has ended."""

    one: Watched
    state: str
    why: str = ""
    """The last lines of one that failed."""


@dataclass(slots=True)
class Watch:
    """All runs; told by the schedule, read by what shows them."""

    runs: dict[str, Watched]
    jobs: int
    news: list[News] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, planned: Sequence[Planned], jobs: int) -> Watch:
        """Nothing has begun yet."""
        runs = {
            one.run.name: Watched(one.run, one.choices, one.run.stage())
            for one in planned
        }
        return cls(runs, jobs)

    def step(self, run: Run, step: str) -> None:
        """A run has begun a step."""
        with self._lock:
            one = self.runs[run.name]
            one.state, one.first, one.last = step, None, None
            one.step_began = time.monotonic()
            one.began = one.began or one.step_began
            self.news.append(News(one, step))

    def ended(self, run: Run, how: Ended, why: str) -> None:
        """A run has ended."""
        with self._lock:
            one = self.runs[run.name]
            one.state, one.first, one.last = how, None, None
            now = time.monotonic()
            one.seconds = now - one.began if one.began else 0.0
            if how in ("finished", "kept"):
                one.shares = shares(run)
            self.news.append(News(one, how, why))

    def look(self) -> None:
        """Look how far those that run have come."""
        for one in self.runs.values():
            told = read_progress(one.run.progress) if one.running else None
            if told and (one.last is None or told[0] != one.last.done):
                one.last = Mark(time.monotonic(), *told)
                one.first = one.first or one.last

    def take_news(self) -> list[News]:
        """What was new since the last time."""
        with self._lock:
            news, self.news = self.news, []
            return news

    def count(self, *states: str) -> int:
        """How many runs are in one of these states."""
        return sum(one.state in states for one in self.runs.values())

    def seconds_left(self) -> float | None:
        """Until all is done, about; None while nothing is known."""
        now = time.monotonic()
        known = [*self._finished(), *self._projections(now)]
        running, waiting = [], []
        for one in self.runs.values():
            guess = expected(one.choices, known)
            if one.running or one.state == WAITING:
                if guess is None:
                    return None
                if one.running:
                    running.append(guess - (now - one.began))
                elif one.stage != "finished":
                    waiting.append(guess)
        return time_left(running, waiting, self.jobs)

    def _finished(self) -> list[Known]:
        found = []
        for one in self.runs.values():
            whole = one.stage == "finished" or one.state == "finished"
            kept = read_kept(one.run.folder) if whole else None
            if kept is not None:
                found.append(Known(one.choices, sum(kept.seconds.values())))
        return found

    def _projections(self, now: float) -> list[Known]:
        """What runs under way seem to take in all, as far as they can tell."""
        found = []
        for one in self.runs.values():
            if not one.running:
                continue
            rest = still(one.first, one.last)
            if rest is not None and one.last is not None:
                found.append(Known(one.choices, one.last.time - one.began + rest))
            elif one.step_began > one.began:
                found.append(Known(one.choices, now - one.began))
        return found
