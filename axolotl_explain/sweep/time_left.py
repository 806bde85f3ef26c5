"""How long a sweep will still take, judged by the runs that are most alike."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Known:
    """How long a run has taken, or seems to take."""

    choices: Mapping[str, Any]
    seconds: float


def expected(choices: Mapping[str, Any], known: Sequence[Known]) -> float | None:
    """Seconds that a run will take: the mean of those that differ from it in least.

    >>> expected({"level": "long", "seed": 2}, [
    ...     Known({"level": "long", "seed": 1}, 60),
    ...     Known({"level": "none", "seed": 1}, 20),
    ... ])
    60.0
    """
    if not known:
        return None
    alike = [
        sum(one.choices.get(key) == value for key, value in choices.items())
        for one in known
    ]
    best = [
        one.seconds
        for one, count in zip(known, alike, strict=True)
        if count == max(alike)
    ]
    return sum(best) / len(best)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far something had come at some time."""

    time: float
    done: int
    total: int


def still(first: Mark | None, last: Mark | None) -> float | None:
    """Seconds from the last mark to the end, at the pace between both.

    >>> still(Mark(100, 20, 60), Mark(110, 40, 60))
    10.0
    """
    if first is None or last is None or last.done <= first.done:
        return None
    pace = (last.time - first.time) / (last.done - first.done)
    return pace * (last.total - last.done)


def time_left(running: Sequence[float], waiting: Sequence[float], jobs: int) -> float:
    """Seconds until the last run ends, each begun in order where a place is free.

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
