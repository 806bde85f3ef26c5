"""A sweep on the terminal: the table of a dry run, and the live one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from axolotl_explain.support.narrow_table import needed_width
from axolotl_explain.sweep.grid_runs import GridRun
from axolotl_explain.sweep.monitor import WAITING, Monitor, RunStatus
from axolotl_explain.sweep.tuned_values import TunedValues

STAGES = {
    "new": "to run",
    "changed": "changed: runs anew",
    "interrupted": "goes on",
    "trained": "to evaluate",
    "finished": "finished",
}
STYLES = {"failed": "red", "finished": "green", "kept": "green", "waiting": "dim"}
BARS = (20, 10, 0)
"""Characters of a progress bar: as many as there is room for."""
USUAL_WIDTH = 80


def plan_table(planned: Sequence[GridRun], elsewhere: Mapping[Path, Path]) -> Table:
    """What would be run: its name, the choices that the name leaves out, state, steps.

    Args:
        elsewhere: folder of a run -> the one that holds it now.
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


def tuned_table(tuned: Sequence[TunedValues]) -> Table:
    """For each combination, the exact match of what was tried; ▸ before the chosen."""
    keys = [key.rpartition(".")[2] for key in tuned[0].chosen]
    title = f"exact match at each {' and '.join(keys)}; ▸ is chosen"
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left")
    for key in tuned[0].choices:
        table.add_column(key, overflow="fold")
    for one in tuned[0].tried:
        values = "\n".join(map(str, one.values.values()))
        table.add_column(values, justify="right", no_wrap=True)
    for row in tuned:
        shares = (
            f"{'▸ ' if one.values == row.chosen else ''}{one.exact_match:.1%}"
            for one in row.tried
        )
        table.add_row(*map(str, row.choices.values()), *shares)
    return table


def named_by(planned: Sequence[GridRun], key: str) -> bool:
    """Whether the name of every run contains its value of a key, unchanged."""
    return all(str(one.choices.get(key)) in one.run.name.split("-") for one in planned)


def varying_keys(planned: Sequence[GridRun]) -> list[str]:
    """The keys, and groups of keys, that are not the same in all runs."""
    keys = dict.fromkeys(key for one in planned for key in one.choices)
    return [
        key for key in keys if len({str(one.choices.get(key)) for one in planned}) > 1
    ]


def live_table(
    monitor: Monitor, now: float, height: int, width: int = USUAL_WIDTH
) -> Table:
    """How far the runs have come; of many, those that matter most now.

    Args:
        now: `time.monotonic()`.
        height: rows that the table may have.
        width: of the terminal; where its columns do not fit, everything is in one.
    """
    for bar in BARS:
        table = _in_columns(monitor, now, height, bar)
        if needed_width(table) <= width:
            return table
    table = _empty_table(monitor)
    table.add_column("run", overflow="fold")
    for status in _chosen(list(monitor.runs.values()), max(1, height // 2)):
        table.add_row(_in_one(status, now), style=STYLES.get(status.state, ""))
    return table


def _empty_table(monitor: Monitor) -> Table:
    return Table(box=SIMPLE_HEAD, caption=_caption(monitor), caption_justify="left")


def _in_columns(monitor: Monitor, now: float, height: int, bar: int) -> Table:
    table = _empty_table(monitor)
    table.add_column("run", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("done", no_wrap=True)
    table.add_column("exact match", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    for status in _chosen(list(monitor.runs.values()), max(1, height)):
        table.add_row(
            status.run.name,
            status.state,
            _progress(status, bar),
            result(status),
            _time(status, now),
            style=STYLES.get(status.state, ""),
        )
    return table


def _in_one(status: RunStatus, now: float) -> str:
    """The cells of a run in one text."""
    last = status.last_progress
    done = f"{last.done:,}/{last.total:,}" if last else ""
    cells = (status.run.name, status.state, done, result(status), _time(status, now))
    return "  ".join(filter(None, cells))


def result(status: RunStatus) -> str:
    """Exact match at each level that the run was evaluated at."""
    if len(status.exact_matches) == 1:
        return f"{status.exact_matches[0][1]:.1%}"
    return ", ".join(f"{level} {share:.1%}" for level, share in status.exact_matches)


def losses_line(monitor: Monitor) -> str:
    """The runs whose machines were lost, and how often; empty where none was."""
    lost = [one for one in monitor.runs.values() if one.losses]
    names = ", ".join(f"{one.run.name} ({one.losses}×)" for one in lost)
    count = f"{len(lost)} of {len(monitor.runs)} runs"
    return f"{count} lost a machine: {names}." if lost else ""


def status_line(status: RunStatus, state: str) -> str:
    """One line that says which state a run has entered."""
    parts = [state]
    if state in ("finished", "kept"):
        parts.append(f"exact match {result(status)}")
    if state == "finished" and status.seconds:
        parts.append(duration(status.seconds))
    return f"{status.run.name}  {', '.join(parts)}"


def duration(seconds: float) -> str:
    """A time as people say it.

    >>> duration(75), duration(7_380)
    ('1:15', '2 h 03 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60} h {minutes % 60:02} min"


def _chosen(runs: list[RunStatus], lines: int) -> list[RunStatus]:
    """Those that run; then the next two, those that failed, those that ended last."""
    if len(runs) <= lines:
        return runs
    waiting = [one for one in runs if one.state == WAITING]
    ended = sorted(
        (one for one in runs if not one.running and one.state != WAITING),
        key=lambda one: (one.state == "failed", one.began_at),
        reverse=True,
    )
    order = [one for one in runs if one.running] + waiting[:2] + ended + waiting[2:]
    chosen = {one.run.name for one in order[:lines]}
    return [one for one in runs if one.run.name in chosen]


def _progress(status: RunStatus, width: int) -> str:
    """A bar of so many characters, and the counts."""
    last = status.last_progress
    if last is None:
        return ""
    done, total = last.done, last.total
    filled = round(width * done / total) if total else 0
    bar = "━" * filled + "╌" * (width - filled)
    return f"{bar} {done:,}/{total:,}".strip()


def _time(status: RunStatus, now: float) -> str:
    if status.running:
        return duration(now - status.began_at)
    return duration(status.seconds) if status.seconds else ""


def _caption(monitor: Monitor) -> str:
    total = len(monitor.runs)
    parts = [f"{monitor.count('finished', 'kept')} of {total} finished"]
    failed = monitor.count("failed")
    if failed:
        parts.append(f"{failed} failed")
    losses = sum(one.losses for one in monitor.runs.values())
    if losses:
        parts.append(f"{losses} machine{'s' * (losses > 1)} lost")
    waiting = monitor.count(WAITING)
    if waiting:
        parts.append(f"{waiting} waiting")
    if not waiting and not any(one.running for one in monitor.runs.values()):
        return ", ".join(parts)
    left = monitor.seconds_left()
    parts.append(
        "time left not known yet" if left is None else f"about {duration(left)} left"
    )
    return ", ".join(parts)
