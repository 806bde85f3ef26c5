"""Values that a sweep chooses before its runs: the learning rate of each arm, say.

Every arm is tried with the same values, on rows that the sweep does not judge by, in
runs of their own. Chosen is what has the highest exact match; of several such, the one
in the middle of their order, for a rate between others that do is no lucky one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.support.suggest import did_you_mean
from axolotl_explain.sweep.grid import Grid, Tune
from axolotl_explain.sweep.grid_points import GridPoint
from axolotl_explain.sweep.grid_runs import GridRun, evaluation_data
from axolotl_explain.sweep.results_file import exact_matches
from axolotl_explain.sweep.run_recipe import apply_values
from axolotl_explain.sweep.tuned_values import TriedValues, TunedValues

FOLDER = "tuning"
"""Below a sweep's folder: that of the runs to choose by."""

REPEAT = "repeat"
"""In the runs to choose by: the group of `tune.repeat`."""

Tuned = Callable[[GridPoint], Mapping[str, Any]]
"""Says which values a run of the grid gets: key of the recipe -> its value."""


def tuning_grid(grid: Grid, base: Mapping[str, Any]) -> Grid | None:
    """The sweep of the runs to choose by; None where nothing is tuned.

    Args:
        base: the base recipe.

    Raises:
        ExplainError: for a name in `over` that the grid does not have, or if there are
            no rows to choose by, or only those that the sweep judges by.
    """
    tune = grid.tune
    if tune is None:
        return None
    names = [*grid.grid, *grid.together]
    for name in tune.over:
        if name not in names:
            raise ExplainError(
                f"tune.over: neither grid nor together has "
                f"{quoted(name)}{did_you_mean(name, names)}"
            )
    if REPEAT in grid.together:
        raise ExplainError(
            f"together.{REPEAT}: is what the runs of tune: are called; take another "
            "name."
        )
    together = {key: one for key, one in grid.together.items() if key not in tune.over}
    if tune.repeat:
        together[REPEAT] = tune.repeat
    kept = {key: one for key, one in grid.grid.items() if key not in tune.over}
    data = _data(grid, tune, apply_values(base, grid.set))
    return grid.model_copy(
        update={
            "out": (Path(grid.out) / FOLDER).as_posix(),
            "title": f"{grid.title}: values to choose from",
            "grid": {**kept, **tune.grid},
            "together": together,
            "exclude": tuple(one for one in grid.exclude if not {*one} & {*tune.over}),
            "reuse": tuple((Path(one) / FOLDER).as_posix() for one in grid.reuse),
            "base": None,
            "tune": None,
            "evaluate": grid.evaluate.model_copy(update={"data": data}),
        }
    )


def choose(grid: Grid, tried: Sequence[GridRun]) -> list[TunedValues]:
    """The values of each combination.

    Args:
        tried: the runs of `tuning_grid`, all finished.
    """
    keys = grid.tune.grid if grid.tune else {}
    found: dict[str, tuple[dict[str, Any], dict[str, list[GridRun]]]] = {}
    for one in tried:
        outside = {
            key: choice
            for key, choice in one.choices.items()
            if key not in keys and key != REPEAT
        }
        values = {key: one.choices[key] for key in keys}
        _, runs = found.setdefault(_key(outside), (outside, {}))
        runs.setdefault(_key(values), []).append(one)
    return [
        TunedValues(
            outside,
            [
                TriedValues({key: same[0].choices[key] for key in keys}, *_mean(same))
                for same in runs.values()
            ],
        )
        for outside, runs in found.values()
    ]


def first_values(grid: Grid) -> Tuned:
    """Gives every run the first of the values to try."""
    tried = grid.tune.grid if grid.tune else {}
    first = {key: values[0] for key, values in tried.items()}
    return lambda point: first


def lookup(grid: Grid, tuned: Sequence[TunedValues]) -> Tuned:
    """Gives every run what was chosen for its combination; nothing if none was."""
    over = grid.tune.over if grid.tune else ()
    chosen = {_key(one.choices): one.chosen for one in tuned}

    def values(point: GridPoint) -> Mapping[str, Any]:
        outside = {key: one for key, one in point.choices.items() if key not in over}
        return chosen[_key(outside)] if chosen else {}

    return values


def _data(grid: Grid, tune: Tune, recipe: Mapping[str, Any]) -> tuple[str, ...]:
    """The rows to choose by.

    Raises:
        ExplainError: if there are none, or the sweep judges by them.
    """
    data = tune.data or _validation(recipe)
    both = sorted({*data} & {*evaluation_data(grid, recipe)})
    if both:
        raise ExplainError(
            f"tune.data: {both[0]} is also what the sweep judges by, so that what is "
            "chosen would look better than it is; name other rows."
        )
    return data


def _validation(recipe: Mapping[str, Any]) -> tuple[str, ...]:
    if recipe.get("task_data") is not None:
        from axolotl_explain.recipe.task_data import plan_of

        spec, planned = plan_of(recipe["task_data"])
        if "validation" in planned.sizes.wanted():
            return (f"{spec.folder}/validation.jsonl",)
    raise ExplainError(
        "tune.data: is missing, and the recipe has no task_data with validation rows; "
        "name the files of rows to choose by, other than those of evaluate.data."
    )


def _mean(runs: Sequence[GridRun]) -> tuple[float, int]:
    """Exact match of the runs, and how many they are."""
    shares = []
    for one in runs:
        levels = [share for _, share in exact_matches(one.run)]
        shares.append(sum(levels) / len(levels))
    return sum(shares) / len(shares), len(shares)


def _key(choices: Mapping[str, Any]) -> str:
    return json.dumps(choices, sort_keys=True, default=str)
