"""Run all arms of the demo, several at a time where there are cores."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from axolotl_explain.demo.arms import Arm
from axolotl_explain.demo.plot import plot
from axolotl_explain.errors import ExplainError
from axolotl_explain.evaluation.store import COMPLETIONS, METRICS, write_whole
from axolotl_explain.levels import LEVELS, Level
from axolotl_explain.shipped import recipe_path

RECIPE = "cpu/demo.yml"
RECIPE_FOLDER = "outputs/demo"
"""The folder that the shipped recipe names; the demo puts its own in its place."""

PLOT = "accuracy.png"
CORES_PER_ARM = 1
LONGEST_FIRST: tuple[Level, ...] = ("long", "medium", "short", "none")


def prepare_arms(out: Path) -> dict[Level, Arm]:
    """Write a recipe for each level, from the shipped one."""
    text = recipe_path(RECIPE).read_text("utf-8")
    shipped = yaml.safe_load(text.replace(RECIPE_FOLDER, out.as_posix()))
    shipped["dataset_prepared_path"] = (out / "prepared").as_posix()
    arms: dict[Level, Arm] = {}
    for level in LEVELS:
        folder = out / level
        recipe = {
            **shipped,
            "explain": {**shipped["explain"], "level": level},
            "output_dir": folder.as_posix(),
            # Each arm has a folder of its own, because Axolotl locks it while it
            # prepares data, and takes the arms for ranks of one run.
            "dataset_prepared_path": (out / "prepared" / level).as_posix(),
        }
        path = out / f"{level}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        written = yaml.safe_dump(recipe, sort_keys=False)
        if not path.is_file() or path.read_text("utf-8") != written:
            write_whole(path, written)
        arms[level] = Arm(level, path, folder, out / "data" / "test.jsonl")
    return arms


def run_arms(arms: dict[Level, Arm], on_step: Callable[[Level, str], None]) -> None:
    """Train and evaluate what is not finished.

    Raises:
        ExplainError: for the first arm that fails, after the others have ended.
    """
    cores = os.cpu_count() or 1
    workers = max(1, min(len(arms), cores // CORES_PER_ARM))

    def run(level: Level) -> ExplainError | None:
        try:
            arms[level].run(max(1, cores // workers), lambda step: on_step(level, step))
        except ExplainError as error:
            on_step(level, "failed")
            return error
        on_step(level, "finished")
        return None

    with ThreadPoolExecutor(workers) as pool:
        for error in list(pool.map(run, LONGEST_FIRST)):
            if error is not None:
                raise error


def summarise(arms: dict[Level, Arm], out: Path) -> dict[str, Any]:
    """Write metrics.json over all levels, and the plot; return what was written."""
    modulus = _modulus(arms["none"])
    summary: dict[str, Any] = {
        "task": f"sums modulo {modulus}",
        "chance": 1 / modulus,
        "levels": {level: arm.metrics() for level, arm in arms.items()},
    }
    plot(summary["levels"], summary["chance"], out / PLOT)
    write_whole(out / METRICS, json.dumps(summary, indent=2) + "\n")
    return summary


def one_completion(arm: Arm) -> dict[str, Any]:
    """The completion of the first test row."""
    with (arm.evaluation / COMPLETIONS).open(encoding="utf-8") as file:
        completion: dict[str, Any] = json.loads(file.readline())
    return completion


def _modulus(arm: Arm) -> int:
    with arm.data.open(encoding="utf-8") as file:
        return int(json.loads(file.readline())["meta"]["modulus"])
