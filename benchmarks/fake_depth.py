"""A model of true depth from two shallow ones, since blocks are alike.

What is held is a sum over blocks, so two models that differ by one block tell what each
block adds; `whole` tracks all blocks instead, which takes minutes for a large model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from benchmarks.fake_step import Tracked, track

DEPTHS = ("num_hidden_layers", "n_layer", "num_layers", "num_decoder_layers")
SHALLOW = 2, 3


def tracked(
    recipe: Mapping[str, Any],
    config: Mapping[str, Any],
    gpus: int = 1,
    whole: bool = False,
) -> Tracked:
    """What a step of a recipe holds at the true depth of its model."""
    if whole:
        return track(recipe, config, gpus)
    few, more = (track(recipe, with_blocks(config, count), gpus) for count in SHALLOW)
    rest = depth(config) - SHALLOW[0]
    found = {
        each.name: getattr(few, each.name)
        + rest * (getattr(more, each.name) - getattr(few, each.name))
        for each in fields(Tracked)
    }
    return Tracked(**found)


def depth(config: Mapping[str, Any]) -> int:
    """Blocks of a model; of one of two stacks, those of each."""
    inside = config.get("text_config", config)
    return next(int(inside[key]) for key in DEPTHS if key in inside)


def with_blocks(config: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The same model with so many blocks."""
    if "text_config" in config:
        return {**config, "text_config": with_blocks(config["text_config"], count)}
    return {**config, **{key: count for key in DEPTHS if key in config}}
