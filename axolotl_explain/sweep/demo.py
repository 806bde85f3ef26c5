"""The runs of the demo, one for each level, and what they come to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.results.store import (
    COMPLETIONS,
    METRICS,
    read_metrics,
)
from axolotl_explain.support.shipped import recipe_path
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.commands import Commands
from axolotl_explain.sweep.demo_plot import can_plot, plot
from axolotl_explain.sweep.key_path import with_value
from axolotl_explain.sweep.local_backend import LocalBackend
from axolotl_explain.sweep.locks import only_sweep
from axolotl_explain.sweep.machine import this_machine
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.results_file import trained_steps
from axolotl_explain.sweep.run_fingerprint import (
    evaluation_fingerprint,
    generated_folders,
    training_fingerprint,
)
from axolotl_explain.sweep.run_folders import EARLIER, RunFolders, with_folders
from axolotl_explain.sweep.scheduler import RunEnd, Scheduler

RECIPE = "cpu/demo.yml"
PLOT = "accuracy.png"
ASKED = ("--batch-size", "250")
TEST = "test.jsonl"
LONGEST_FIRST: tuple[Level, ...] = ("long", "medium", "short", "none")
OFFLINE = {"AXOLOTL_DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
"""Nothing is downloaded; what the user has set has its way."""

OnStep = Callable[[str, str], None]
"""Called with a level, and a step that begins or how its run has ended."""


def plan_runs(out: Path) -> dict[Level, SweepRun]:
    """A run for each level, from the shipped recipe."""
    shipped = yaml.safe_load(recipe_path(RECIPE).read_text("utf-8"))
    return {level: _run(shipped, level, out) for level in LEVELS}


def execute(runs: dict[Level, SweepRun], out: Path, on_step: OnStep) -> None:
    """Train and evaluate what is not finished, several runs at a time.

    Raises:
        ExplainError: for the first run that fails, after the others have ended.
    """
    machine = this_machine()
    place = LocalBackend(machine, Commands({**OFFLINE, **_set(OFFLINE)}))
    ordered = [runs[level] for level in LONGEST_FIRST]
    slots = place.slots(min(len(runs), machine.cores), len(runs))
    with only_sweep(out):
        told = _Told(on_step)
        errors = Scheduler(ordered, slots, place, told, place.memory_gate()).execute()
    for run in ordered:
        if run.name in errors:
            raise errors[run.name]


def summarise(runs: dict[Level, SweepRun], out: Path) -> dict[str, Any]:
    """Write metrics.json over all levels; return what was written.

    The plot is drawn too where matplotlib is installed.
    """
    modulus = _modulus(runs["none"])
    summary: dict[str, Any] = {
        "task": f"sums modulo {modulus}",
        "chance": 1 / modulus,
        "levels": {level: _metrics(level, run) for level, run in runs.items()},
    }
    if can_plot():
        plot(summary["levels"], summary["chance"], out / PLOT)
    write_whole(out / METRICS, json.dumps(summary, indent=2) + "\n")
    return summary


def one_completion(run: SweepRun) -> dict[str, Any]:
    """The completion of the first test row."""
    with (run.results / COMPLETIONS).open(encoding="utf-8") as file:
        completion: dict[str, Any] = json.loads(file.readline())
    return completion


def _run(shipped: dict[str, Any], level: Level, out: Path) -> SweepRun:
    recipe = with_value(shipped, "explain.level", level)
    folders = RunFolders(
        recipe=out / f"{level}.yml",
        run=out / level,
        prepared=out / "prepared" / level,
        data=out / "data",
        model=out / "base",
    )
    training = training_fingerprint(recipe)
    test = f"{recipe['task_data']['folder']}/{TEST}"
    return SweepRun(
        name=level,
        recipe_file=folders.recipe,
        recipe=with_folders(recipe, folders),
        folder=folders.run,
        eval_data=[str(folders.data / TEST)],
        training_fingerprint=training,
        evaluation_fingerprint=evaluation_fingerprint(
            training, [test], ASKED, generated_folders(recipe)
        ),
        archive=out / EARLIER,
        eval_options=ASKED,
    )


class _Told:
    """Passes on what happens to the runs."""

    def __init__(self, on_step: OnStep) -> None:
        self.on_step = on_step

    def step_began(self, run: SweepRun, step: str) -> None:
        self.on_step(run.name, step)

    def run_ended(self, run: SweepRun, how: RunEnd, why: str) -> None:
        self.on_step(run.name, how)

    def tick(self) -> None:
        """Nothing is shown between steps."""


def _metrics(level: Level, run: SweepRun) -> dict[str, Any]:
    found = read_metrics(run.results)["levels"][level]
    return {**found, "steps": trained_steps(run.folder)}


def _modulus(run: SweepRun) -> int:
    with Path(run.eval_data[0]).open(encoding="utf-8") as file:
        return int(json.loads(file.readline())["meta"]["modulus"])


def _set(defaults: dict[str, str]) -> dict[str, str]:
    """Those of the environment that the user has set."""
    return {name: os.environ[name] for name in defaults if name in os.environ}
