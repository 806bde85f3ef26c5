"""What a dataset entry's options are: the recipe's defaults under its own block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, UnreadKeys
from axolotl_explain.recipe.dataset_entries import (
    CHAT,
    INSTRUCT,
    TYPES,
    Found,
    our_entries,
    reading_entry,
)
from axolotl_explain.recipe.encoder_decoder import SEQ2SEQ
from axolotl_explain.recipe.foreign_entry_keys import unread_keys
from axolotl_explain.recipe.options import ExplainOptions, parse_options
from axolotl_explain.sources.options import SOURCES
from axolotl_explain.support.blocks import parse_block
from axolotl_explain.support.suggest import misspelt

ONLY_FOR = {
    "template": (INSTRUCT, SEQ2SEQ),
    "system": (CHAT,),
    "thinking": (CHAT,),
    "max_target_tokens": (SEQ2SEQ,),
    "line_break": (SEQ2SEQ,),
}
"""Options that not every strategy reads."""

OF_THE_RECIPE = {
    "evaluation": "the whole model is evaluated",
    "loss": "one loss is taken over all rows of a step",
    "internalise": "a stage is one of the whole training",
}
"""Blocks of the recipe's own `explain:` alone -> why no dataset has one."""

ONLY_TRAINING = ("filter", "coverage", "control")
"""Options that test rows take from their own block alone, so that the loss that arms
are compared by is one and the same."""


def changes_rows(options: ExplainOptions) -> str:
    """Those of `ONLY_TRAINING` that are switched on, in words; empty where none is."""
    fields = ExplainOptions.model_fields
    found = [
        key for key in ONLY_TRAINING if getattr(options, key) != fields[key].default
    ]
    return " and ".join(f"explain.{key}" for key in found)


def held_out_changed(options: ExplainOptions) -> str:
    """What to know of rows that `val_set_size` holds out, if they are changed too.

    They are cut out of the training rows, when these are tokens.
    """
    changes = changes_rows(options)
    if not changes:
        return ""
    return (
        f"val_set_size: held-out rows go through {changes} as training rows do, so "
        "that their loss cannot be compared with that of other arms; name rows of a "
        "file under test_datasets instead, which are left as they are"
    )


def default_options(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What the recipe's own `explain:` block sets for all of its datasets.

    Raises:
        ExplainError: for an unknown key or bad value.
    """
    block = recipe.get("explain")
    if isinstance(block, Mapping):
        _refuse_misspelt(block)
        block = {key: block[key] for key in block if key not in OF_THE_RECIPE}
    return parse_options(block, "explain")


def _refuse_misspelt(block: Mapping[Any, Any]) -> None:
    """Refuse a block of the recipe that is written as nobody reads it."""
    for key in map(str, block):
        known = key in OF_THE_RECIPE or key in ExplainOptions.model_fields
        if not known and (meant := misspelt(key, OF_THE_RECIPE)):
            raise ExplainError(f"explain.{key}: no such key; did you mean {meant}?")


def reading_options(recipe: Mapping[str, Any], data: str) -> ExplainOptions:
    """The options by which a data file is read, from a recipe as it is written.

    Raises:
        ExplainError: for an unknown key or bad value, or a key that ours do not read.
    """
    defaults = default_options(recipe)
    entry = reading_entry(recipe, data)
    for one in our_entries(recipe):
        if one.entry is entry:
            options = entry_options(one, defaults)
            refusals = tuple(unread_keys(one.where, one.entry, options))
            if refusals:
                raise UnreadKeys(refusals)
            return options
    return ExplainOptions()


def training_options(recipe: Mapping[str, Any]) -> list[ExplainOptions]:
    """What each training entry of ours means, in a recipe as it is written.

    Raises:
        ExplainError: for an unknown key or bad value.
    """
    defaults = default_options(recipe)
    return [
        entry_options(one, defaults)
        for one in our_entries(recipe)
        if one.split == "train"
    ]


def entry_options(one: Found, defaults: Mapping[str, Any]) -> ExplainOptions:
    """The options of one entry.

    Raises:
        ExplainError: for an unknown key or bad value, a key that its type does not
            read, or keys that cannot go together.
    """
    block = one.entry.get("explain")
    for key, why in OF_THE_RECIPE.items():
        if isinstance(block, Mapping) and key in block:
            raise ExplainError(
                f"{one.where}.explain.{key}: {why}; put the block under explain: at "
                "the top level of the recipe."
            )
    where = f"{one.where}.explain"
    own = parse_options(one.entry.get("explain"), where)
    kind = one.entry["type"]
    for key in own:
        if kind not in ONLY_FOR.get(key, TYPES):
            raise ExplainError(
                f"{one.where}.explain.{key}: type {kind} does not read it, "
                f"{' or '.join(ONLY_FOR[key])} does; remove the key or change the type."
            )
    read = {
        key: value
        for key, value in defaults.items()
        if kind in ONLY_FOR.get(key, TYPES)
    }
    if one.split == "test":
        read = {key: value for key, value in read.items() if key not in ONLY_TRAINING}
    options = parse_block(ExplainOptions, {**_other_source(read, own), **own}, where)
    if options.thinking and options.order != "explanation_first":
        raise ExplainError(
            f"{one.where}.explain.thinking: the reasoning field stands before the "
            f"answer, so it cannot go with order: {options.order}; change one of them."
        )
    return options


def _other_source(
    defaults: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, Any]:
    """The defaults without a source that the dataset's own takes the place of.

    Own columns alone stand beside a preset by default, parts of which they override.
    """
    given = {key for key in SOURCES if own.get(key) is not None}
    replaced = set(SOURCES) if given - {"columns"} else given and {"messages"}
    return {key: value for key, value in defaults.items() if key not in replaced}


def refuse_unread(defaults: Mapping[str, Any], kinds: list[str]) -> None:
    """Refuse defaults that none of the types in a recipe reads.

    Raises:
        ExplainError: naming the key and the types that read it.
    """
    for key in defaults:
        needed = ONLY_FOR.get(key, TYPES)
        if kinds and not set(needed).intersection(kinds):
            raise ExplainError(
                f"explain.{key}: only type {' or '.join(needed)} reads it, and no "
                "dataset of this recipe has that type; remove the key or change a type."
            )
