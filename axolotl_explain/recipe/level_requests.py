"""Whether the prompts of a dataset say how much explanation is wanted."""

from __future__ import annotations

from axolotl_explain.core.levels import Level
from axolotl_explain.recipe.options import ExplainOptions


def asks_for_level(options: ExplainOptions, recipe: list[ExplainOptions]) -> bool:
    """Whether prompts say the level: always, never, or if the recipe trains several.

    Args:
        options: of one dataset.
        recipe: of all datasets that the recipe trains on.
    """
    if options.level_request != "auto":
        return options.level_request == "always"
    in_play: set[Level] = set()
    for other in recipe:
        levels = other.levels_in_play
        if levels is None:
            return True
        # At level none, the words of the task say it.
        in_play |= levels - {"none"} if other.order == "multitask" else levels
    return len(in_play) > 1
