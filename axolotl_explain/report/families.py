"""Families: arms that differ in what was done to explanations, and in nothing else.

A family has the levels themselves, and control arms: explanations that say as much and
explain nothing (`control`), or that stand behind the answer (`order: answer_first`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.report.arms import Arm
from axolotl_explain.report.chart import join_names
from axolotl_explain.results.run_settings import Settings, name_settings
from axolotl_explain.statistics.verdicts import Verdicts

CONTROL, ORDER = "explain.control", "explain.order"
EXPLANATION_FIRST, ANSWER_FIRST = "explanation_first", "answer_first"


@dataclass(frozen=True, slots=True)
class Treated:
    """An arm of explanations that were changed.

    Attributes:
        treatment: `shuffle_steps`, `shuffle_tokens`, `mismatched` or `answer_first`.
    """

    treatment: str
    arm: Arm

    @property
    def name(self) -> str:
        """Level and treatment."""
        return f"{self.arm.level}, {self.treatment}"


@dataclass(frozen=True, slots=True)
class Family:
    """What is compared with one another.

    Attributes:
        setting: what sets it apart from other families; "" where there is only one.
        levels: level -> its arm, from the least explanation to the most.
        untrained: arms of the base model on the same data.
        beside: arms of a level and treatment that another arm stands for already, such
            as answers alone that were trained under two orders.
    """

    setting: str
    data: str
    levels: Mapping[str, Arm]
    treated: Sequence[Treated]
    untrained: Sequence[Arm]
    beside: Sequence[Arm] = ()

    @property
    def arms(self) -> list[Arm]:
        """All that were trained."""
        return [*self.levels.values(), *(one.arm for one in self.treated)]

    @property
    def name(self) -> str:
        """The model and what sets the family apart, without the data."""
        return join_names(self.arms[0].members[0].run.model_name, self.setting)

    def comparable(self) -> dict[str, Verdicts]:
        """Name of an arm -> its verdicts, of those that answered the same rows.

        Named are levels by themselves and treated arms by `Treated.name`. Where rows
        differ, the ones that most arms have answered count.
        """
        named = dict(self.levels)
        named |= {one.name: one.arm for one in self.treated}
        known = {
            name: (arm.rows_asked, verdicts)
            for name, arm in named.items()
            if (verdicts := arm.verdicts) is not None
        }
        asked = [rows for rows, _ in known.values()]
        most = max(asked, key=asked.count, default=None)
        return {name: found for name, (rows, found) in known.items() if rows == most}


def families(arms: Sequence[Arm]) -> list[Family]:
    """The families of all trained arms, in the order of the arms."""
    trained = [arm for arm in arms if arm.trained]
    rests = {id(arm): _without_treatment(arm.settings) for arm in trained}
    names = name_settings([rests[id(arm)] for arm in trained])
    places: dict[tuple[Settings, str], list[Arm]] = {}
    for arm in trained:
        places.setdefault((rests[id(arm)], arm.data), []).append(arm)
    return [
        _family(names[rest], data, members, arms)
        for (rest, data), members in places.items()
    ]


def _family(
    setting: str, data: str, members: Sequence[Arm], arms: Sequence[Arm]
) -> Family:
    plain: dict[str, Arm] = {}
    treated: dict[str, Treated] = {}
    beside = []
    for arm in members:
        one = Treated(treatment_of(arm), arm)
        if one.treatment and one.name not in treated:
            treated[one.name] = one
        elif not one.treatment and arm.level not in plain:
            plain[arm.level] = arm
        else:
            beside.append(arm)
    levels = [*LEVELS, *(level for level in plain if level not in LEVELS)]
    base = members[0].base_model
    untrained = [
        arm
        for arm in arms
        if not arm.trained and (arm.base_model, arm.data) == (base, data)
    ]
    ordered = {level: plain[level] for level in levels if level in plain}
    return Family(setting, data, ordered, [*treated.values()], untrained, beside)


def treatment_of(arm: Arm) -> str:
    """What was done to explanations; "" for nothing, and where there are none."""
    values = [
        value
        for key, value in arm.settings
        if (key.endswith(CONTROL) and value != "null")
        or (key.endswith(ORDER) and value == ANSWER_FIRST)
    ]
    return "" if arm.level == "none" else " and ".join(dict.fromkeys(values))


def _without_treatment(settings: Settings) -> Settings:
    return tuple(
        (key, value)
        for key, value in settings
        if not key.endswith(CONTROL)
        and not (key.endswith(ORDER) and value in (ANSWER_FIRST, EXPLANATION_FIRST))
    )
