"""How long a sweep will still take, estimated from the runs that are most alike."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TimedRun:
    """How long a run took, or is estimated to take."""

    choices: Mapping[str, Any]
    seconds: float


def expected_seconds(
    choices: Mapping[str, Any], timed: Sequence[TimedRun]
) -> float | None:
    """How long a run will take: the mean of those that share most choices with it.

    >>> expected_seconds({"level": "long", "seed": 2}, [
    ...     TimedRun({"level": "long", "seed": 1}, 60),
    ...     TimedRun({"level": "none", "seed": 1}, 20),
    ... ])
    60.0
    """
    if not timed:
        return None
    alike = [
        sum(one.choices.get(key) == value for key, value in choices.items())
        for one in timed
    ]
    best = [
        one.seconds
        for one, count in zip(timed, alike, strict=True)
        if count == max(alike)
    ]
    return sum(best) / len(best)


@dataclass(frozen=True, slots=True)
class ProgressMark:
    """How much of something was done at some time."""

    time: float
    """In seconds, of any one clock."""
    done: int
    total: int


def seconds_to_end(
    first: ProgressMark | None, last: ProgressMark | None
) -> float | None:
    """From the last mark to the end, at the pace between both.

    >>> seconds_to_end(ProgressMark(100, 20, 60), ProgressMark(110, 40, 60))
    10.0
    """
    if first is None or last is None or last.done <= first.done:
        return None
    pace = (last.time - first.time) / (last.done - first.done)
    return pace * (last.total - last.done)


def time_left(running: Sequence[float], waiting: Sequence[float], jobs: int) -> float:
    """Seconds until the last run ends, each started in order once a slot is free.

    Args:
        running: seconds that each of those under way still needs.
        waiting: seconds that each of the others needs.
        jobs: how many run at a time.

    >>> time_left([10, 30], [20, 20], jobs=2)
    50
    """
    ends = sorted([max(0, each) for each in running] + [0] * (jobs - len(running)))
    for seconds in waiting:
        heapq.heapreplace(ends, ends[0] + seconds)
    return max(ends, default=0)
