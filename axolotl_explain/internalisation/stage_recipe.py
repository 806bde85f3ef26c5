"""A base recipe -> the recipe of one of its stages, which Axolotl trains by itself.

The first stage is the base recipe. Each further one goes on from the weights of the
stage before: a full fine-tune names its folder as the base model, an adapter as
`lora_model_dir`, which leaves the base model as it is.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.recipe.internalise_options import (
    InternaliseOptions,
    parse_internalise,
)

OF_THE_BASE = ("scratch_model", "revision_of_model")
"""Keys that say how the base model comes about, and have no meaning for a folder."""


def stage_recipe(
    base: Mapping[str, Any],
    stage: int,
    before: Path | None = None,
    rows: int | None = None,
) -> dict[str, Any]:
    """The recipe of a stage.

    Args:
        before: the folder of the stage before; None for the first.
        rows: training rows, where they are known.
    """
    recipe = copy.deepcopy(dict(base))
    block = dict(recipe["explain"].get("internalise") or {})
    options = parse_internalise(block)
    recipe["explain"] = {**recipe["explain"], "internalise": {**block, "stage": stage}}
    # An interrupted training goes on, where the recipe saves checkpoints.
    recipe.setdefault("auto_resume_from_checkpoints", True)
    if stage == 0 and before is None:
        return recipe
    recipe = {**recipe, **_length(recipe, options, rows)}
    if options.learning_rate is not None:
        recipe["learning_rate"] = options.learning_rate
    return recipe if before is None else _going_on(recipe, options, before)


def _going_on(
    recipe: dict[str, Any], options: InternaliseOptions, before: Path
) -> dict[str, Any]:
    """The recipe with the weights of the stage before."""
    folder = before.as_posix()
    recipe.pop("resume_from_checkpoint", None)
    if recipe.get("adapter"):
        recipe["lora_model_dir"] = folder
    else:
        # Its own tokenizer has the chat template of a served model.
        recipe.setdefault("tokenizer_config", recipe["base_model"])
        recipe["base_model"] = folder
        for key in OF_THE_BASE:
            recipe.pop(key, None)
    if not options.reset_optimizer:
        recipe["explain"]["internalise"]["optimizer_from"] = folder
    return recipe


def _length(
    recipe: Mapping[str, Any], options: InternaliseOptions, rows: int | None
) -> dict[str, Any]:
    """How long a stage trains: its own steps, or as long as the recipe says."""
    if options.steps is None:
        return {}
    # Axolotl counts warm-up by the shorter of both.
    epochs = float(recipe.get("num_epochs") or 1)
    if rows is not None:
        epochs = max(epochs, math.ceil(options.steps * rows_per_step(recipe) / rows))
    return {"max_steps": options.steps, "num_epochs": epochs}


def rows_per_step(recipe: Mapping[str, Any]) -> int:
    """Rows of an optimizer step on one device, packing aside."""
    micro = int(recipe.get("micro_batch_size") or 1)
    return micro * int(recipe.get("gradient_accumulation_steps") or 1)
