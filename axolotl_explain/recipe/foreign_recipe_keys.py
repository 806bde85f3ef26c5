"""Keys of a whole recipe under which rows of ours would not be what they say.

Preference training and reward models read pairs of answers, which our rows are not;
what is done with rows that are too long is ours to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from axolotl_explain.core.errors import quoted
from axolotl_explain.recipe.options import ExplainOptions

OBJECTIVES = {
    "rl": "preference and reinforcement learning",
    "reward_model": "a reward model",
    "process_reward_model": "a process reward model",
}
"""Key that changes what is learnt -> what is trained then."""
TOO_LONG = {"truncate": "shorten", "raise": "error"}
"""`excess_length_strategy` -> the value of `on_too_long` that means the same."""


def unread_objectives(
    recipe: Mapping[str, Any], places: Mapping[str, str]
) -> Iterator[str]:
    """A message where a recipe trains on something that rows of ours have no columns
    for, or lets none of them be written.

    Args:
        places: key path of each dataset entry of ours -> its type.
    """
    for where, kind in list(places.items())[:1]:
        for key, what in OBJECTIVES.items():
            if recipe.get(key):
                yield (
                    f"{key}: {quoted(recipe[key])}: {what} needs columns (such as "
                    f"chosen and rejected) that type {kind} of {where} does not make; "
                    "use one of Axolotl's own types for it, or remove the key."
                )
        if recipe.get("skip_prepare_dataset"):
            yield (
                f"skip_prepare_dataset: true, so no row of {where} would be written "
                "or tokenised; remove the key."
            )


def other_lengths(
    recipe: Mapping[str, Any], options: Mapping[str, ExplainOptions]
) -> Iterator[str]:
    """A message where datasets treat long rows in another way than the recipe says.

    Args:
        options: key path of each dataset entry of ours -> what its block means.
    """
    strategy = recipe.get("excess_length_strategy")
    same = TOO_LONG.get(str(strategy).lower())
    others = {
        where: one.on_too_long
        for where, one in options.items()
        if one.on_too_long != same
    }
    if same and others:
        told = ", ".join(f"{where} ({value})" for where, value in others.items())
        yield (
            f"excess_length_strategy: {strategy} is not what happens to long rows: "
            f"explain.on_too_long says it for {told}; set explain.on_too_long: {same}, "
            "or remove the key."
        )
