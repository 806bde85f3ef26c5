"""What a sweep shows: the plan, the table that lives, the time that is left."""

from __future__ import annotations

import io
import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.grid_runs import GridRun, plan_runs
from axolotl_explain.sweep.monitor import Monitor
from axolotl_explain.sweep.results_file import write_results
from axolotl_explain.sweep.run_file import RunState, write_state
from axolotl_explain.sweep.sweep_tables import live_table, plan_table, status_line
from axolotl_explain.sweep.time_left import TimedRun, expected_seconds, time_left

METRICS = {
    "levels": {"long": {"exact_match": 0.5}},
    "num_parameters": 12,
    "versions": {"torch": "2"},
    "evaluations": [{"level": "long", "metrics": {"exact_match": 0.5, "cells": None}}],
}


@pytest.fixture
def planned(base: dict[str, Any]) -> list[GridRun]:
    grid = {"explain.level": ["none", "long"], "seed": [1, 2]}
    return plan_runs(Grid(recipe="recipe.yml", out="out", grid=grid), base)


def finish(one: GridRun, seconds: float = 40.0) -> None:
    """Leave what a finished run leaves."""
    one.run.results.mkdir(parents=True)
    (one.run.results / "metrics.json").write_text(json.dumps(METRICS))
    kept = RunState(
        one.run.training_fingerprint,
        True,
        one.run.evaluation_fingerprint,
        {"training": seconds},
    )
    write_state(one.run.folder, kept)


def text(table: Table) -> str:
    console = Console(file=io.StringIO(), width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_plan_says_what_names_leave_out_and_how_far_runs_are(
    planned: list[GridRun],
) -> None:
    finish(planned[0])
    lines = text(plan_table(planned, {planned[1].run.folder: Path("out/earlier/x")}))
    assert "run          seed   state" in lines
    assert "none-seed1   1      finished" in lines
    assert "found in out/earlier/x" in lines
    assert "long-seed2   2      to run" in lines


def test_the_live_table_shows_steps_and_results(planned: list[GridRun]) -> None:
    monitor = Monitor.of(planned, 2)
    first, second = planned[0].run, planned[1].run
    monitor.step_began(first, "training")
    finish(planned[0])
    monitor.run_ended(first, "finished", "")
    monitor.step_began(second, "training")
    second.folder.mkdir(parents=True)
    second.progress_file.write_text('{"done": 13, "total": 26}')
    monitor.read_progress()
    lines = text(live_table(monitor, time.monotonic(), 20)).splitlines()
    (done,) = [line for line in lines if "none-seed1" in line]
    assert "finished" in done
    assert "50.0%" in done
    (under_way,) = [line for line in lines if "none-seed2" in line]
    assert "13/26" in under_way
    assert "1 of 4 finished, 2 waiting, about" in lines[-1]
    news = [(one.status.run.name, one.state) for one in monitor.take_changes()]
    assert news[:2] == [("none-seed1", "training"), ("none-seed1", "finished")]
    assert monitor.take_changes() == []
    assert status_line(monitor.runs["none-seed1"], "kept") == (
        "none-seed1  kept, exact match 50.0%"
    )


@pytest.mark.parametrize("width", [40, 60, 70, 80, 100, 140])
def test_the_live_table_is_whole_at_any_width(base: dict[str, Any], width: int) -> None:
    orders = ["explanation_first", "answer_first"]
    grid = {"explain.order": orders, "explain.level": ["none", "long"]}
    planned = plan_runs(Grid(recipe="recipe.yml", out="out", grid=grid), base)
    monitor = Monitor.of(planned, 1)
    run = planned[0].run
    monitor.step_began(run, "training")
    run.folder.mkdir(parents=True)
    run.progress_file.write_text('{"done": 1300, "total": 2600}')
    monitor.read_progress()
    out = io.StringIO()
    table = live_table(monitor, time.monotonic(), 20, width)
    Console(file=out, width=width, color_system=None).print(table)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in out.getvalue()
    words = out.getvalue().split()
    for word in (*(one.run.name for one in planned), "1,300/2,600", "training", "0:00"):
        assert word in words
    columns = sum("exact match" in line for line in lines)
    assert columns == (width >= 80)
    assert ("━" in out.getvalue()) is (width >= 100)


def test_of_many_runs_those_under_way_and_those_that_failed_are_shown(
    base: dict[str, Any],
) -> None:
    grid = Grid(recipe="recipe.yml", out="out", grid={"seed": list(range(50))})
    planned = plan_runs(grid, base)
    monitor = Monitor.of(planned, 2)
    for one in planned[:30]:
        monitor.step_began(one.run, "training")
        how = "failed" if one is planned[3] else "finished"
        monitor.run_ended(one.run, how, "")
    monitor.step_began(planned[30].run, "training")
    lines = text(live_table(monitor, time.monotonic(), 6))
    assert lines.count("seed") == 6
    for name in ("seed3 ", "seed30 ", "seed31 ", "seed32 "):
        assert name in lines
    assert "29 of 50 finished, 1 failed, 19 waiting" in lines


def test_time_is_expected_from_the_runs_that_are_most_alike() -> None:
    known = [
        TimedRun({"level": "long", "size": "tiny", "seed": 1}, 100),
        TimedRun({"level": "long", "size": "tiny", "seed": 2}, 120),
        TimedRun({"level": "long", "size": "small", "seed": 1}, 500),
        TimedRun({"level": "none", "size": "tiny", "seed": 1}, 10),
    ]
    wanted = {"level": "long", "size": "tiny", "seed": 3}
    assert expected_seconds(wanted, known) == pytest.approx(110)
    assert expected_seconds(wanted, []) is None


def test_time_left_is_that_of_a_schedule_played_through() -> None:
    """The second way: move a clock on until the next run ends."""
    for running, waiting, jobs in itertools.product(
        ([], [7.0], [3.0, 9.0]), ([], [4.0], [5.0, 1.0, 6.0, 2.0]), (2, 3)
    ):
        clock, rows, under_way = 0.0, list(waiting), list(running)
        while rows or under_way:
            while rows and len(under_way) < jobs:
                under_way.append(rows.pop(0))
            step = min(under_way)
            clock += step
            under_way = [left - step for left in under_way if left > step]
        assert time_left(running, waiting, jobs) == pytest.approx(clock)


def test_results_hold_every_run_on_a_line(planned: list[GridRun]) -> None:
    finish(planned[0])
    path = Path("results.json")
    write_results(path, planned, {"none-seed2": ValueError("why")})
    runs = json.loads(path.read_text())["runs"]
    assert [run["state"] for run in runs] == ["finished", "failed", "new", "new"]
    assert runs[0]["choices"] == {"explain.level": "none", "seed": 1}
    assert runs[0]["seconds"] == {"training": 40.0}
    (evaluation,) = runs[0]["evaluations"]
    assert evaluation == {"level": "long", "metrics": {"exact_match": 0.5}}
    assert len(path.read_text().splitlines()) == 2 + len(planned)
