"""Whether the prompts of a dataset say how much explanation is wanted."""

from __future__ import annotations

from collections.abc import Iterable

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.recipe.carrier import DatasetSettings
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


def refuse_equal_requests(entries: Iterable[tuple[str, DatasetSettings]]) -> None:
    """Refuse two levels that are asked for in the same words.

    Args:
        entries: the key path of each dataset entry that is trained, and its settings.

    Raises:
        ExplainError: naming the levels.
    """
    said: dict[str, Level] = {}
    for where, settings in entries:
        options, requests = settings.options, settings.requests
        used = options.levels_in_play or set(LEVELS)
        if options.order == "multitask" and not settings.asks_for_level:
            # One word for all explanations; what is left are the two tasks.
            used = {"none", max(used, key=LEVELS.index)}
        for level in sorted(used & set(requests), key=LEVELS.index):
            words = " ".join(requests[level].split()).casefold()
            other = said.setdefault(words, level)
            if other != level:
                key = "task" if options.order == "multitask" else "level"
                raise ExplainError(
                    f"{where}.explain.{key}_requests: {other} and {level} are asked "
                    f"for in the same words, {quoted(requests[level])}, so the same "
                    "prompt would have two targets; give each level its own."
                )
