"""A sweep on the terminal: the plan as a table, and a table that lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from axolotl_explain.sweep.grid_runs import Planned
from axolotl_explain.sweep.monitor import WAITING, Watch, Watched

STAGES = {
    "new": "to run",
    "changed": "changed: runs anew",
    "interrupted": "goes on",
    "trained": "to evaluate",
    "finished": "finished",
}
STYLES = {"failed": "red", "finished": "green", "kept": "green", "waiting": "dim"}
BAR = 20


def plan_table(planned: Sequence[Planned], elsewhere: Mapping[Path, Path]) -> Table:
    """What would be run: name, what its name leaves out, state, steps.

    Args:
        elsewhere: folder of a run -> the one that it is found in.
    """
    table = Table(box=SIMPLE_HEAD, title_justify="left")
    keys = [key for key in varying_keys(planned) if not named_by(planned, key)]
    table.add_column("run", no_wrap=True)
    for key in keys:
        table.add_column(key, overflow="fold")
    table.add_column("state", no_wrap=True)
    table.add_column("steps", justify="right", no_wrap=True)
    for one in planned:
        values = [str(one.choices.get(key, "")) for key in keys]
        steps = "?" if one.steps is None else f"{one.steps:,}"
        folder = elsewhere.get(one.run.folder)
        state = f"found in {folder}" if folder else STAGES[one.run.stage()]
        table.add_row(one.run.name, *values, state, steps)
    return table


def named_by(planned: Sequence[Planned], key: str) -> bool:
    """Whether the value is a part of every run's name, as it is."""
    return all(str(one.choices.get(key)) in one.run.name.split("-") for one in planned)


def varying_keys(planned: Sequence[Planned]) -> list[str]:
    """The keys, and groups of keys, that are not the same in all runs."""
    keys = dict.fromkeys(key for one in planned for key in one.choices)
    return [
        key for key in keys if len({str(one.choices.get(key)) for one in planned}) > 1
    ]


def live_table(watch: Watch, now: float, height: int) -> Table:
    """How far the runs have come; of many, those that matter now.

    Args:
        now: of the clock that `Watch` reads.
        height: lines that the table may have.
    """
    table = Table(box=SIMPLE_HEAD, caption=_caption(watch), caption_justify="left")
    table.add_column("run", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("done", no_wrap=True)
    table.add_column("exact match", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for one in _shown(list(watch.runs.values()), max(1, height)):
        style = STYLES.get(one.state, "")
        table.add_row(
            one.run.name,
            one.state,
            _bar(one),
            result(one),
            _time(one, now),
            style=style,
        )
    return table


def result(one: Watched) -> str:
    """Exact match at each level that the run was asked for."""
    if len(one.shares) == 1:
        return f"{one.shares[0][1]:.1%}"
    return ", ".join(f"{level} {share:.1%}" for level, share in one.shares)


def told(one: Watched, state: str) -> str:
    """A line for what has happened to a run."""
    parts = [state]
    if state in ("finished", "kept"):
        parts.append(f"exact match {result(one)}")
    if state == "finished" and one.seconds:
        parts.append(duration(one.seconds))
    return f"{one.run.name}  {', '.join(parts)}"


def duration(seconds: float) -> str:
    """A time as people say it.

    >>> duration(75), duration(7_380)
    ('1:15', '2 h 03 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60} h {minutes % 60:02} min"


def _shown(runs: list[Watched], lines: int) -> list[Watched]:
    """Those that run first of all, then those that failed, ended last, or come next."""
    if len(runs) <= lines:
        return runs
    waiting = [one for one in runs if one.state == WAITING]
    ended = sorted(
        (one for one in runs if not one.running and one.state != WAITING),
        key=lambda one: (one.state == "failed", one.began),
        reverse=True,
    )
    order = [one for one in runs if one.running] + waiting[:2] + ended + waiting[2:]
    chosen = {one.run.name for one in order[:lines]}
    return [one for one in runs if one.run.name in chosen]


def _bar(one: Watched) -> str:
    if one.last is None:
        return ""
    done, total = one.last.done, one.last.total
    filled = round(BAR * done / total) if total else 0
    return f"{'━' * filled}{'╌' * (BAR - filled)} {done:,}/{total:,}"


def _time(one: Watched, now: float) -> str:
    if one.running:
        return duration(now - one.began)
    return duration(one.seconds) if one.seconds else ""


def _caption(watch: Watch) -> str:
    total = len(watch.runs)
    parts = [f"{watch.count('finished', 'kept')} of {total} finished"]
    failed = watch.count("failed")
    if failed:
        parts.append(f"{failed} failed")
    waiting = watch.count(WAITING)
    if waiting:
        parts.append(f"{waiting} waiting")
    if not waiting and not any(one.running for one in watch.runs.values()):
        return ", ".join(parts)
    left = watch.seconds_left()
    parts.append(
        "time left not known yet" if left is None else f"about {duration(left)} left"
    )
    return ", ".join(parts)
