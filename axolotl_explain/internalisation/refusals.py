"""What cannot be internalised, said before anything trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.internalisation.chain import ExplanationUnits
from axolotl_explain.recipe.dataset_entries import TYPES, Found, our_entries
from axolotl_explain.recipe.entry_options import training_options
from axolotl_explain.recipe.internalise_options import (
    WHERE,
    InternaliseOptions,
    internalise_block,
    refuse_order,
)
from axolotl_explain.recipe.options import ExplainOptions

MISPLACED = ("internalise", "internalize")
SHARDED = ("deepspeed", "fsdp", "fsdp_config")
"""Keys by which each device holds a part of the optimizer."""


def checked_options(recipe: Mapping[str, Any]) -> InternaliseOptions:
    """The options of a recipe whose explanations can be taken away.

    Raises:
        ExplainError: for a bad block, or a recipe without a single explained level.
    """
    for key in MISPLACED:
        if key in recipe:
            raise ExplainError(
                f"{key}: nobody reads the block at the top level of a recipe; put it "
                f"under explain:, as {WHERE}."
            )
    options = internalise_block(recipe) or InternaliseOptions()
    if options.stage is not None:
        raise ExplainError(
            f"{WHERE}.stage: {options.stage}: this is the recipe of one stage; name "
            "the one that it was made from, or train it by itself: accelerate launch "
            "-m axolotl.cli.train RECIPE."
        )
    if options.optimizer_from is not None:
        raise ExplainError(
            f"{WHERE}.optimizer_from: each stage gets the folder of the one before; "
            "remove the key, and set reset_optimizer: false to have optimizers go on."
        )
    _refuse_unusable(recipe, options)
    datasets = training_options(recipe)
    if not datasets:
        raise ExplainError(
            f"{WHERE}: no dataset of this recipe has explanations; use type: "
            f"{' or '.join(TYPES)}."
        )
    entries = [one for one in our_entries(recipe) if one.split == "train"]
    for entry, one in zip(entries, datasets, strict=True):
        refuse_order(one, entry.where)
        _refuse_level(one, entry)
    return options


def _refuse_level(options: ExplainOptions, entry: Found) -> None:
    """Refuse a dataset that is not trained at one explained level."""
    own = (entry.entry.get("explain") or {}).get("level") is not None
    where = f"{entry.where}.explain.level" if own else "explain.level"
    levels = options.levels_in_play
    if levels == {"none"}:
        raise ExplainError(
            f"{where}: none has no explanation that could be taken away; "
            f"train at {', '.join(EXPLAINED)}."
        )
    if levels is None or len(levels) > 1:
        raise ExplainError(
            f"{where}: {options.level!r} trains several levels (coverage counts "
            "too), so that the same prompt would not always lose as much; train at "
            f"one of {', '.join(EXPLAINED)}."
        )


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
    if recipe.get("save_strategy") in {"no", False}:
        raise ExplainError(
            f"{WHERE}.reset_optimizer: false: with save_strategy: no there is no "
            "checkpoint that an optimizer could go on from; remove one of the two."
        )
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
