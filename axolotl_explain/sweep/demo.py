"""The demo: a shipped grid of four levels, executed, and its results in one file.

Its files have names of their own, shorter than those of other sweeps:

    outputs/demo/long.yml, long/    a run's recipe; its model, log and evaluation
    outputs/demo/data/, base/       the problems and the untrained model, for all runs
    outputs/demo/metrics.json       the results of all runs
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.results.store import COMPLETIONS, METRICS, read_metrics
from axolotl_explain.support.shipped import recipe_path
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.sweep.commands import Commands
from axolotl_explain.sweep.demo_plot import can_plot, plot
from axolotl_explain.sweep.grid import read_grid
from axolotl_explain.sweep.grid_runs import plan_runs
from axolotl_explain.sweep.local_backend import LocalBackend
from axolotl_explain.sweep.locks import only_sweep
from axolotl_explain.sweep.machine import this_machine
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.results_file import trained_steps
from axolotl_explain.sweep.run_folders import RunFolders
from axolotl_explain.sweep.scheduler import Listener, Scheduler

GRID = "sweeps/demo.yml"
PLOT = "accuracy.png"
OFFLINE = {"AXOLOTL_DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
"""Nothing is downloaded; where the user has set these variables, they stay."""


def plan_demo(out: Path) -> list[SweepRun]:
    """The runs of the shipped grid, each named after its level, in the grid's order."""
    grid = read_grid(str(recipe_path(GRID))).model_copy(update={"out": str(out)})
    base = read_recipe(str(recipe_path(grid.recipe.removeprefix("recipes/"))))
    return [one.run for one in plan_runs(grid, base, layout=demo_folders)]


def demo_folders(
    out: Path, name: str, recipe: Mapping[str, Any], labels: Mapping[str, str]
) -> RunFolders:
    """A `Layout` for runs that all have the same data and base model."""
    return RunFolders(
        recipe=out / f"{name}.yml",
        run=out / name,
        prepared=out / "prepared" / name,
        data=out / "data",
        model=out / "base",
    )


def execute_demo(runs: Sequence[SweepRun], out: Path, listener: Listener) -> None:
    """Train and evaluate what is not finished, one run on each core at a time.

    Raises:
        ExplainError: for the first run that fails, after the others have ended.
    """
    machine = this_machine()
    offline = {name: os.environ.get(name, value) for name, value in OFFLINE.items()}
    backend = LocalBackend(machine, Commands(offline))
    slots = backend.slots(min(len(runs), machine.cores), len(runs))
    gate = backend.memory_gate()
    with only_sweep(out):
        errors = Scheduler(runs, slots, backend, listener, gate).execute()
    for run in runs:
        if run.name in errors:
            raise errors[run.name]


def summarise(runs: Sequence[SweepRun], out: Path) -> dict[str, Any]:
    """Write metrics.json over all levels; return what was written.

        {"task": "sums modulo 10", "chance": 0.1, "levels": {"none": {"num_rows": 500,
         "exact_match": 0.104, "interval": [0.08, 0.134], "steps": 300, …}, …}}

    The plot is drawn too where matplotlib is installed.
    """
    modulus = _modulus(runs[0])
    ordered = sorted(runs, key=lambda run: LEVELS.index(run.name))
    summary: dict[str, Any] = {
        "task": f"sums modulo {modulus}",
        "chance": 1 / modulus,
        "levels": {run.name: _metrics(run) for run in ordered},
    }
    if can_plot():
        plot(summary["levels"], summary["chance"], out / PLOT)
    write_whole(out / METRICS, json.dumps(summary, indent=2) + "\n")
    return summary


def first_completion(run: SweepRun) -> dict[str, Any]:
    """The completion of the first test row."""
    with (run.results / COMPLETIONS).open(encoding="utf-8") as file:
        completion: dict[str, Any] = json.loads(file.readline())
    return completion


def _metrics(run: SweepRun) -> dict[str, Any]:
    metrics = read_metrics(run.results)["levels"][run.name]
    return {**metrics, "steps": trained_steps(run.folder)}


def _modulus(run: SweepRun) -> int:
    with Path(run.eval_data[0]).open(encoding="utf-8") as file:
        return int(json.loads(file.readline())["meta"]["modulus"])
