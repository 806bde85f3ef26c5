"""Arms -> which level to train with, for each setting and data file."""

from __future__ import annotations

from collections.abc import Sequence

from axolotl_explain.report.arms import Arm
from axolotl_explain.report.chart import join_names
from axolotl_explain.report.choose_level import LevelChoice, LevelScore, choose_level


def level_choices(
    arms: Sequence[Arm], names: dict[str, str]
) -> list[tuple[str, LevelChoice]]:
    """A choice for each setting and data file, with the words that name it.

    Args:
        names: data file -> its short name.
    """
    places = dict.fromkeys((arm.setting, arm.data) for arm in arms if arm.trained)
    found = []
    for setting, data in places:
        here = [
            arm
            for arm in arms
            if arm.trained and (arm.setting, arm.data) == (setting, data)
        ]
        before = [
            arm
            for arm in arms
            if not arm.trained
            and (arm.base_model, arm.data) == (here[0].base_model, data)
        ]
        model = here[0].members[0].run.model_name
        name = join_names(model, setting, f"on {names[data]}")
        scores = [level_score(arm) for arm in here]
        untrained = [level_score(arm) for arm in before]
        found.append((name, choose_level(scores, untrained)))
    return found


def level_score(arm: Arm) -> LevelScore:
    """What a choice needs to know of an arm."""
    low, high = arm.interval
    return LevelScore(arm.level, arm.share, low, high, arm.rows, arm.seeds, arm.tokens)
