"""A grid -> its runs, each with its recipe, its folders and its fingerprints."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, shown
from axolotl_explain.results.run_recipe import train_rows
from axolotl_explain.sweep.fingerprint import (
    evaluation_fingerprint,
    made_by,
    training_fingerprint,
)
from axolotl_explain.sweep.folders import (
    EARLIER,
    RUNS,
    relocated,
    shared_folders,
    with_folders,
)
from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.kept import read_kept
from axolotl_explain.sweep.keys import with_value
from axolotl_explain.sweep.known_keys import SAMPLES, check_blocks, check_keys
from axolotl_explain.sweep.points import Point, points
from axolotl_explain.sweep.run import Run
from axolotl_explain.sweep.shelf import found_elsewhere

BLOCKS = ("task_data", "scratch_model")


@dataclass(frozen=True, slots=True)
class Planned:
    """A run, and what sets it apart from the others."""

    run: Run
    choices: Mapping[str, Any]
    """Key -> its value, and group of keys -> the name of its entry."""

    @property
    def steps(self) -> int | None:
        """Optimizer steps of its training, about; None where files do not tell."""
        return estimated_steps(self.run.content)


def plan(grid: Grid, base: Mapping[str, Any], cpu: bool = True) -> list[Planned]:
    """All runs of a grid, in its order.

    Args:
        base: the base recipe.
        cpu: whether they are trained without a GPU.

    Raises:
        ExplainError: for a key that nothing reads, a value that is not allowed, or runs
            that cannot be told apart.
    """
    found = points(grid)
    check_keys(base, grid.set)
    same = applied(base, grid.set)
    check_keys(same, [key for one in found for key in one.values])
    return [_planned(grid, same, point, cpu) for point in found]


def elsewhere(planned: Sequence[Planned], out: Path) -> dict[Path, Path]:
    """Folder of a run -> where it is found below a sweep's folder, if not there."""
    wanted = {one.run.folder: one.run.training for one in planned}
    return found_elsewhere(wanted, [out / RUNS, out / EARLIER])


def reused(
    planned: Sequence[Planned], grid: Grid, here: Mapping[Path, Path]
) -> dict[Path, Path]:
    """Folder of a run -> the one of another sweep that holds the same run, trained.

    Args:
        here: the runs that this sweep has itself, out of their places.
    """
    shelves = [Path(other) / RUNS for other in grid.reuse]
    runs = {one.run.folder: one.run.training for one in planned}
    wanted = {folder: mark for folder, mark in runs.items() if folder not in here}
    found = found_elsewhere(wanted, shelves)
    return {place: one for place, one in found.items() if _trained(one)}


def _trained(folder: Path) -> bool:
    kept = read_kept(folder)
    return kept is not None and kept.trained


def applied(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The base recipe with the values of one run.

    Raises:
        ExplainError: naming the key that has no place.
    """
    recipe = dict(base)
    for key, value in values.items():
        if key == SAMPLES:
            recipe = _first_rows(recipe, value)
        else:
            recipe = with_value(recipe, key, value)
    # What was interrupted goes on, where the recipe saves anything on its way.
    recipe.setdefault("auto_resume_from_checkpoints", True)
    return recipe


def evaluation_data(grid: Grid, recipe: Mapping[str, Any]) -> list[str]:
    """The files that a run is evaluated on, with the paths of its recipe.

    Raises:
        ExplainError: if neither the grid nor the recipe names any.
    """
    if grid.evaluate.data:
        return list(grid.evaluate.data)
    if recipe.get("task_data") is not None:
        from axolotl_explain.recipe.task_data import plan_of

        spec, planned = plan_of(recipe["task_data"])
        splits = [one for one in planned.sizes.wanted() if one.startswith("test")]
        if splits:
            return [f"{spec.folder}/{split}.jsonl" for split in splits]
    tested = [entry.get("path") for entry in recipe.get("test_datasets") or []]
    if not tested:
        raise ExplainError(
            "evaluate.data: is missing, and the recipe has no test_datasets; name the "
            "files of rows that the runs are evaluated on."
        )
    return [str(path) for path in dict.fromkeys(tested)]


def estimated_steps(recipe: Mapping[str, Any]) -> int | None:
    """Optimizer steps that a training takes on one device, at most.

    None where the number of rows is not known before they are read: for datasets of a
    hub, for rows that are packed, and for several levels per row.
    """
    most = recipe.get("max_steps")
    rows = train_rows(recipe)
    level = (recipe.get("explain") or {}).get("level")
    if rows is None or recipe.get("sample_packing") or level == "all":
        return most if isinstance(most, int) else None
    batch = int(recipe.get("micro_batch_size") or 1)
    batch *= int(recipe.get("gradient_accumulation_steps") or 1)
    steps = math.ceil(rows / batch) * float(recipe.get("num_epochs") or 1)
    return min(math.ceil(steps), most if isinstance(most, int) else math.ceil(steps))


def _planned(grid: Grid, base: Mapping[str, Any], point: Point, cpu: bool) -> Planned:
    out = Path(grid.out)
    try:
        recipe = applied(base, point.values)
        check_blocks(recipe)
        data = evaluation_data(grid, recipe)
    except ExplainError as error:
        raise ExplainError(f"{point.name}: {error}") from None
    labels = {block: point.label(block) for block in BLOCKS}
    folders = shared_folders(out, point.name, recipe, labels)
    training = training_fingerprint(recipe)
    asked = grid.evaluate.options()
    content = with_folders(recipe, folders)
    run = Run(
        name=point.name,
        recipe=out / "recipes" / f"{point.name}.yml",
        content=content,
        folder=folders.run,
        data=_moved(data, recipe, content),
        training=training,
        evaluation=evaluation_fingerprint(training, data, asked, made_by(recipe)),
        aside=out / EARLIER,
        asked=asked,
        cpu=cpu,
    )
    return Planned(run, point.choices)


def _moved(
    data: list[str], recipe: Mapping[str, Any], content: Mapping[str, Any]
) -> list[str]:
    """Paths of generated data, where the run has it."""
    if recipe.get("task_data") is None:
        return data
    moves = {recipe["task_data"]["folder"]: content["task_data"]["folder"]}
    moved: list[str] = relocated(data, moves)
    return moved


def _first_rows(recipe: Mapping[str, Any], count: object) -> dict[str, Any]:
    """The first rows of each dataset.

    Raises:
        ExplainError: if it is no number of rows, or a dataset takes a part already.
    """
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ExplainError(f"{SAMPLES}: {shown(count)} is no whole number above 0.")
    made = ((recipe.get("task_data") or {}).get("sizes") or {}).get("train")
    if isinstance(made, int) and made < count:
        raise ExplainError(
            f"{SAMPLES}: {count} rows are asked for, and task_data.sizes.train makes "
            f"{made}; raise it in the recipe."
        )
    changed = dict(recipe)
    for place, entry in enumerate(recipe.get("datasets") or []):
        split = str(entry.get("split") or "train")
        if not re.fullmatch(r"\w+", split):
            raise ExplainError(
                f"{SAMPLES}: datasets[{place}] takes {split} already; remove its "
                f"split, or sweep over datasets[{place}].split."
            )
        key = f"datasets[{place}].split"
        changed = with_value(changed, key, f"{split}[:{count}]")
    return changed
