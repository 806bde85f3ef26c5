"""What cannot be internalised, said before anything trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.internalisation.chain import ExplanationUnits
from axolotl_explain.recipe.dataset_entries import TYPES, our_test_files
from axolotl_explain.recipe.entry_options import training_options
from axolotl_explain.recipe.internalise_options import (
    WHERE,
    InternaliseOptions,
    internalise_block,
    refuse_order,
)

SHARDED = ("deepspeed", "fsdp", "fsdp_config")
"""Keys by which each device holds a part of the optimizer."""


def checked_options(recipe: Mapping[str, Any]) -> InternaliseOptions:
    """The options of a recipe whose explanations can be taken away.

    Raises:
        ExplainError: for a bad block, or a recipe without a single explained level.
    """
    options = internalise_block(recipe) or InternaliseOptions()
    if options.stage is not None:
        raise ExplainError(
            f"{WHERE}.stage: {options.stage}: this is the recipe of one stage; name "
            "the one that it was made from, or train it by itself: accelerate launch "
            "-m axolotl.cli.train RECIPE."
        )
    _refuse_unusable(recipe, options)
    datasets = training_options(recipe)
    if not datasets:
        raise ExplainError(
            f"{WHERE}: no dataset of this recipe has explanations; use type: "
            f"{' or '.join(TYPES)}."
        )
    for number, one in enumerate(datasets):
        refuse_order(one, f"datasets[{number}]")
        levels = one.levels_in_play
        if levels == {"none"}:
            raise ExplainError(
                "explain.level: none has no explanation that could be taken away; "
                f"train at {', '.join(EXPLAINED)}."
            )
        if levels is None or len(levels) > 1:
            raise ExplainError(
                f"explain.level: {one.level!r} trains several levels (coverage counts "
                "too), so that the same prompt would not always lose as much; train at "
                f"one of {', '.join(EXPLAINED)}."
            )
    return options


def _refuse_unusable(recipe: Mapping[str, Any], options: InternaliseOptions) -> None:
    """Refuse options that a later stage would fail on."""
    block = recipe.get("explain") or {}
    if options.until is not None and not block.get("evaluation"):
        raise ExplainError(
            f"{WHERE}.until: explain.evaluation is missing, which asks the model while "
            "it trains; add it, or remove until to have a stage take all of its steps."
        )
    if options.reset_optimizer:
        return
    for key in (*SHARDED, "save_only_model"):
        if recipe.get(key):
            raise ExplainError(
                f"{WHERE}.reset_optimizer: false: with {key} no checkpoint holds the "
                "optimizer as a whole; remove one of the two."
            )


def refuse_nothing_to_take(
    units: ExplanationUnits, options: InternaliseOptions
) -> None:
    """Refuse rows whose explanations are no steps.

    Raises:
        ExplainError: with what the rows have, and the way out.
    """
    if not units.explained:
        raise ExplainError(
            f"{WHERE}: none of {units.rows:,} training rows has an explanation; see "
            "what the rows are read as: axolotl-explain inspect RECIPE."
        )
    if units.longest < 2:
        finer = {"line": "sentence or token", "sentence": "token"}.get(options.unit)
        way_out = f"use unit: {finer}, or explanations of" if finer else "use rows with"
        raise ExplainError(
            f"{WHERE}.unit: no explanation of {units.rows:,} training rows has more "
            f"than one {options.unit}, so that nothing could be taken away step by "
            f"step; {way_out} several steps."
        )


def held_out_data(recipe: Mapping[str, Any], given: Sequence[str]) -> list[str]:
    """The files by which a stage is chosen, never those of tests.

    Those that are named, else the validation split of task_data, else those of
    explain.evaluation, else the test_datasets of the recipe, which Axolotl evaluates
    on while it trains.

    Raises:
        ExplainError: if there are none.
    """
    if given:
        return list(given)
    planned = _planned_splits(recipe)
    if "validation" in planned:
        return [planned["validation"]]
    block = (recipe.get("explain") or {}).get("evaluation")
    if isinstance(block, Mapping) and block.get("data"):
        data = block["data"]
        return [data] if isinstance(data, str) else [str(one) for one in data]
    named = our_test_files(recipe)
    if not named:
        raise ExplainError(
            "--data: name a file of held-out rows, by which the stage that is kept is "
            "chosen; the recipe has neither explain.evaluation nor test_datasets of "
            "rows with answers."
        )
    return named


def test_data(
    recipe: Mapping[str, Any], given: Sequence[str], held_out: Sequence[str]
) -> list[str]:
    """The files that only say how good the choice is: named, or the test split.

    Raises:
        ExplainError: if one of them is what stages are chosen by.
    """
    planned = _planned_splits(recipe)
    found = list(given) or [planned[one] for one in ("test",) if one in planned]
    for path in found:
        if path in held_out:
            raise ExplainError(
                f"--test {path}: the stage that is kept is chosen by these rows, so "
                "they are no test of it; name other ones as --data."
            )
    return found


def _planned_splits(recipe: Mapping[str, Any]) -> dict[str, str]:
    """Split -> file, of the problems that the recipe generates."""
    if recipe.get("task_data") is None:
        return {}
    from axolotl_explain.recipe.task_data import plan_of

    spec, planned = plan_of(recipe["task_data"])
    return {name: f"{spec.folder}/{name}.jsonl" for name in planned.sizes.wanted()}
