"""A grid -> its runs, each with its recipe, its folders and its fingerprints."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.dataset_entries import our_test_files
from axolotl_explain.recipe.internalise_options import is_chain
from axolotl_explain.results.trained_recipe import train_rows
from axolotl_explain.sweep.base_runs import base_runs
from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.grid_points import GridPoint, grid_points
from axolotl_explain.sweep.known_keys import check_blocks, check_keys
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_fingerprint import (
    evaluation_fingerprint,
    generated_folders,
    training_fingerprint,
)
from axolotl_explain.sweep.run_folders import (
    EARLIER,
    Layout,
    relocate,
    sweep_folders,
    with_folders,
)
from axolotl_explain.sweep.run_recipe import apply_values

BLOCKS = ("task_data", "scratch_model")
"""Blocks of a recipe that make something in a folder that runs may share."""


@dataclass(frozen=True, slots=True)
class GridRun:
    """A run of a grid, and the choices that make it."""

    run: SweepRun
    choices: Mapping[str, Any]
    """Key -> its value, and group of keys -> the name of its entry."""

    @property
    def steps(self) -> int | None:
        """Estimated optimizer steps of its training; None where files do not tell."""
        return 0 if self.run.untrained else estimated_steps(self.run.recipe)


def plan_runs(
    grid: Grid,
    base: Mapping[str, Any],
    cpu: bool = True,
    layout: Layout = sweep_folders,
    tuned: Callable[[GridPoint], Mapping[str, Any]] = lambda point: {},
) -> list[GridRun]:
    """All runs of a grid, in its order; last its base model, if that is asked too.

    Args:
        base: the base recipe.
        cpu: whether they are trained without a GPU.
        layout: where each run reads and writes.
        tuned: the values that were chosen for a point; see `tuning`.

    Raises:
        ExplainError: for a key that nothing reads, a value that is not allowed, or runs
            that cannot be told apart.
    """
    points = grid_points(grid)
    check_keys(base, grid.set)
    common = apply_values(base, grid.set)
    check_keys(common, [key for point in points for key in point.values])
    planned = [
        _grid_run(grid, apply_values(common, tuned(point)), point, cpu, layout)
        for point in points
    ]
    if grid.base is None:
        return planned
    asked = base_runs(grid.base, [one.run for one in planned])
    return planned + [GridRun(run, choices) for run, choices in asked]


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
    tested = our_test_files(recipe)
    if not tested:
        raise ExplainError(
            "evaluate.data: is missing, and the recipe has no test_datasets of rows "
            "with answers; name the files that the runs are evaluated on."
        )
    return tested


def estimated_steps(recipe: Mapping[str, Any]) -> int | None:
    """Optimizer steps that a training takes on one device, at most.

    None where the number of rows is not known before they are read: for datasets of a
    hub, for rows that are packed, for several levels per row, and for a chain, whose
    stages are counted by its rows.
    """
    if is_chain(recipe):
        return None
    most = recipe.get("max_steps")
    rows = train_rows(recipe)
    level = (recipe.get("explain") or {}).get("level")
    if rows is None or recipe.get("sample_packing") or level == "all":
        return most if isinstance(most, int) else None
    batch = int(recipe.get("micro_batch_size") or 1)
    batch *= int(recipe.get("gradient_accumulation_steps") or 1)
    steps = math.ceil(rows / batch) * float(recipe.get("num_epochs") or 1)
    return min(math.ceil(steps), most if isinstance(most, int) else math.ceil(steps))


def _grid_run(
    grid: Grid, base: Mapping[str, Any], point: GridPoint, cpu: bool, layout: Layout
) -> GridRun:
    out = Path(grid.out)
    try:
        recipe = apply_values(base, point.values)
        check_blocks(recipe)
        data = evaluation_data(grid, recipe)
    except ExplainError as error:
        raise ExplainError(f"{point.name}: {error}") from None
    labels = {block: point.label(block) for block in BLOCKS}
    folders = layout(out, point.name, recipe, labels)
    options = grid.evaluate.options()
    training = training_fingerprint(recipe)
    generated = generated_folders(recipe)
    own_recipe = with_folders(recipe, folders)
    run = SweepRun(
        name=point.name,
        recipe_file=folders.recipe,
        recipe=own_recipe,
        folder=folders.run,
        eval_data=_relocated(data, recipe, own_recipe),
        training_fingerprint=training,
        evaluation_fingerprint=evaluation_fingerprint(
            training, data, options, generated
        ),
        archive=out / EARLIER,
        eval_options=options,
        cpu=cpu,
    )
    return GridRun(run, point.choices)


def _relocated(
    data: list[str], recipe: Mapping[str, Any], own_recipe: Mapping[str, Any]
) -> list[str]:
    """Paths of evaluation data; those that are generated, where the run has them."""
    if recipe.get("task_data") is None:
        return data
    moves = {recipe["task_data"]["folder"]: own_recipe["task_data"]["folder"]}
    moved: list[str] = relocate(data, moves)
    return moved
