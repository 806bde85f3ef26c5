"""The base model of a sweep, asked on the same rows without any training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.grid import Base
from axolotl_explain.sweep.one_run import SweepRun
from axolotl_explain.sweep.run_fingerprint import (
    evaluation_fingerprint,
    untrained_fingerprint,
)
from axolotl_explain.sweep.run_names import value_name

TREATED = ("control", "coverage", "order", "filter")
"""Keys of an arm that varies a level; how that is asked, a plain one says."""

ARM = "base"
"""In the choices of such a run: the group of its name."""


Choices = dict[str, Any]


def base_runs(
    base: Base, trained: Sequence[SweepRun]
) -> Iterator[tuple[SweepRun, Choices]]:
    """One for each base model, each level that it is trained at and each `shots`.

    Args:
        trained: the runs of the grid. Of those that share base model and level, the
            first gives the recipe that the base model is asked by.

    Raises:
        ExplainError: where a base model is made from scratch, or runs that share base
            model and level are evaluated on other rows.
    """
    plain_first = sorted(trained, key=lambda run: _is_treated(run.recipe))
    asked: dict[tuple[str, str], SweepRun] = {}
    for run in plain_first:
        if run.recipe.get("scratch_model") is not None:
            raise ExplainError(
                "base: the base model is made from scratch (scratch_model), so that it "
                "knows nothing before it is trained; remove base."
            )
        place = (str(run.recipe.get("base_model")), _level(run.recipe))
        first = asked.setdefault(place, run)
        if list(first.eval_data) != list(run.eval_data):
            raise ExplainError(
                f"base: {first.name} and {run.name} are evaluated on other rows, and "
                "the base model is asked once for both; remove base, or make a sweep "
                "for each."
            )
    several = len({model for model, _ in asked}) > 1
    for (model, level), run in asked.items():
        who = f"-{value_name('base', PurePath(model).name)}" if several else ""
        model_choice = {"base_model": model} if several else {}
        for shots in base.shots:
            choices = {ARM: level, "shots": shots, **model_choice}
            yield _base_run(run, f"{ARM}{who}-{level}", shots), choices


def _base_run(like: SweepRun, name: str, shots: int) -> SweepRun:
    name = f"{name}-{shots}-shots" if shots else name
    folder = like.folder.with_name(name)
    recipe = {**like.recipe, "output_dir": folder.as_posix()}
    asked = [*like.eval_options, *(["--shots", str(shots)] if shots else [])]
    options = [one for one in asked if one != "--base"]
    training = untrained_fingerprint(recipe, shots)
    return replace(
        like,
        name=name,
        recipe_file=Path(like.recipe_file).with_name(f"{name}.yml"),
        recipe=recipe,
        folder=folder,
        training_fingerprint=training,
        evaluation_fingerprint=evaluation_fingerprint(
            training, like.eval_data, options
        ),
        eval_options=options,
        untrained=True,
    )


def _explain(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    return recipe.get("explain") or {}


def _level(recipe: Mapping[str, Any]) -> str:
    return value_name("level", _explain(recipe).get("level", "default"))


def _is_treated(recipe: Mapping[str, Any]) -> bool:
    return any(key in _explain(recipe) for key in TREATED)
