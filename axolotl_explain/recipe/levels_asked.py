"""Which levels a trained model can be asked for."""

from __future__ import annotations

from collections.abc import Sequence

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.recipe.carrier import DatasetSettings

ANY_LEVEL = "any"
"""Stands for the level where prompts do not name one and the recipe mixes several."""


def level_names(
    settings: DatasetSettings, wanted: Sequence[Level], where: str = "--level"
) -> list[str]:
    """The levels to ask the model for, in order; all it was trained on by default.

    Args:
        where: what named the wanted ones.

    Raises:
        ExplainError: if a level is wanted that prompts of this recipe cannot name.
    """
    options = settings.options
    if options.order == "multitask":
        return _predicting(wanted, where)
    trained = options.levels_in_play or set(LEVELS)
    if settings.asks_for_level:
        return [level for level in LEVELS if level in (wanted or trained)]
    names: list[str] = [*trained] if len(trained) == 1 else [ANY_LEVEL]
    foreign = [level for level in wanted if level not in names]
    if foreign:
        raise ExplainError(
            f"{where}: {', '.join(foreign)}: the prompts of this recipe do not say a "
            f"level, so the model answers at the one it was trained on ({names[0]}); "
            "leave this out, or train with several levels or explain.level_request: "
            "always. Where training was given another explain.level on the command "
            "line, name a recipe that says it."
        )
    return names


def _predicting(wanted: Sequence[Level], where: str) -> list[str]:
    """An answer is what is asked for and judged, and that alone is level none."""
    foreign = [level for level in wanted if level != "none"]
    if foreign:
        raise ExplainError(
            f"{where}: {', '.join(foreign)} cannot be asked for, since under order: "
            "multitask the model is asked to predict, which gives the answer alone "
            "(none); leave this out."
        )
    return ["none"]
