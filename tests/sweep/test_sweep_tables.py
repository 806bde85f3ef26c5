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
from axolotl_explain.sweep.grid_runs import Planned, plan
from axolotl_explain.sweep.monitor import Watch
from axolotl_explain.sweep.results_file import write_results
from axolotl_explain.sweep.run_file import Kept, write_kept
from axolotl_explain.sweep.sweep_tables import live_table, plan_table, told
from axolotl_explain.sweep.time_left import Known, expected, time_left

METRICS = {
    "levels": {"long": {"exact_match": 0.5}},
    "num_parameters": 12,
    "versions": {"torch": "2"},
    "evaluations": [{"level": "long", "metrics": {"exact_match": 0.5, "cells": None}}],
}


@pytest.fixture
def planned(base: dict[str, Any]) -> list[Planned]:
    grid = {"explain.level": ["none", "long"], "seed": [1, 2]}
    return plan(Grid(recipe="recipe.yml", out="out", grid=grid), base)


def finish(one: Planned, seconds: float = 40.0) -> None:
    """Leave what a finished run leaves."""
    one.run.results.mkdir(parents=True)
    (one.run.results / "metrics.json").write_text(json.dumps(METRICS))
    kept = Kept(one.run.training, True, one.run.evaluation, {"training": seconds})
    write_kept(one.run.folder, kept)


def text(table: Table) -> str:
    console = Console(file=io.StringIO(), width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_the_plan_says_what_names_leave_out_and_how_far_runs_are(
    planned: list[Planned],
) -> None:
    finish(planned[0])
    lines = text(plan_table(planned, {planned[1].run.folder: Path("out/earlier/x")}))
    assert "run          seed   state" in lines
    assert "none-seed1   1      finished" in lines
    assert "found in out/earlier/x" in lines
    assert "long-seed2   2      to run" in lines


def test_the_live_table_shows_steps_and_results(planned: list[Planned]) -> None:
    watch = Watch.of(planned, 2)
    first, second = planned[0].run, planned[1].run
    watch.step(first, "training")
    finish(planned[0])
    watch.ended(first, "finished", "")
    watch.step(second, "training")
    second.folder.mkdir(parents=True)
    second.progress.write_text('{"done": 13, "total": 26}')
    watch.look()
    lines = text(live_table(watch, time.monotonic(), 20)).splitlines()
    (done,) = [line for line in lines if "none-seed1" in line]
    assert "finished" in done
    assert "50.0%" in done
    (under_way,) = [line for line in lines if "none-seed2" in line]
    assert "13/26" in under_way
    assert "1 of 4 finished, 2 waiting, about" in lines[-1]
    news = [(one.one.run.name, one.state) for one in watch.take_news()]
    assert news[:2] == [("none-seed1", "training"), ("none-seed1", "finished")]
    assert watch.take_news() == []
    assert told(watch.runs["none-seed1"], "kept") == (
        "none-seed1  kept, exact match 50.0%"
    )


def test_of_many_runs_those_under_way_and_those_that_failed_are_shown(
    base: dict[str, Any],
) -> None:
    grid = Grid(recipe="recipe.yml", out="out", grid={"seed": list(range(50))})
    planned = plan(grid, base)
    watch = Watch.of(planned, 2)
    for one in planned[:30]:
        watch.step(one.run, "training")
        how = "failed" if one is planned[3] else "finished"
        watch.ended(one.run, how, "")
    watch.step(planned[30].run, "training")
    lines = text(live_table(watch, time.monotonic(), 6))
    assert lines.count("seed") == 6
    for name in ("seed3 ", "seed30 ", "seed31 ", "seed32 "):
        assert name in lines
    assert "29 of 50 finished, 1 failed, 19 waiting" in lines


def test_time_is_expected_from_the_runs_that_are_most_alike() -> None:
    known = [
        Known({"level": "long", "size": "tiny", "seed": 1}, 100),
        Known({"level": "long", "size": "tiny", "seed": 2}, 120),
        Known({"level": "long", "size": "small", "seed": 1}, 500),
        Known({"level": "none", "size": "tiny", "seed": 1}, 10),
    ]
    wanted = {"level": "long", "size": "tiny", "seed": 3}
    assert expected(wanted, known) == pytest.approx(110)
    assert expected(wanted, []) is None


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


def test_results_hold_every_run_on_a_line(planned: list[Planned]) -> None:
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
