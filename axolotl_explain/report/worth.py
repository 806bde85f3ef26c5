"""What explanations are worth: their gain over the answer alone, and what it is due to.

Each level is compared with the answer alone on the same rows, and each control arm with
both: a control that loses the gain shows what the gain is due to, one that keeps it
shows that it is due to something else, such as more tokens to learn from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axolotl_explain.report.arms import Arm
from axolotl_explain.report.difference_words import p_words, undecided, with_interval
from axolotl_explain.report.families import ANSWER_FIRST, Family, Treated
from axolotl_explain.report.number_format import NBSP
from axolotl_explain.statistics.levels import ALPHA, MARGIN
from axolotl_explain.statistics.paired import Difference, compare, holm
from axolotl_explain.statistics.verdicts import Verdicts

NONE = "none"
TREATMENTS = {
    "shuffle_steps": ("With their steps shuffled", "the order of the steps"),
    "shuffle_tokens": ("With their words shuffled", "the order of the words"),
    "mismatched": ("Taken from other rows", "what they say about the row"),
    ANSWER_FIRST: ("Behind the answer", "their being written before the answer"),
}
"""Treatment -> how a sentence about it begins, what a gain that it loses is due to."""


@dataclass(frozen=True, slots=True)
class Gain:
    """An arm against the answer alone, and a control against what it is a control of.

    Attributes:
        name: a level, or level and treatment.
        over_none: the share of right answers of the arm less that of level none; None
            where they cannot be compared.
        p_value: of `over_none`, adjusted for all arms of the family (Holm).
        lost: for a control, the share of its level less its own.
        lost_p: of `lost`, adjusted likewise.
    """

    name: str
    arm: Arm
    over_none: Difference | None
    p_value: float
    treatment: str = ""
    lost: Difference | None = None
    lost_p: float = 1.0

    @property
    def shown(self) -> bool:
        """Whether it gains over the answer alone."""
        found = self.over_none
        return found is not None and found.estimate > 0 and self.p_value <= ALPHA

    @property
    def loses(self) -> bool:
        """Whether the control is worse than its level."""
        found = self.lost
        return found is not None and found.estimate > 0 and self.lost_p <= ALPHA


@dataclass(frozen=True, slots=True)
class Worth:
    """All gains of a family, and what they come to in words."""

    family: Family
    gains: Sequence[Gain]
    sentences: Sequence[str]

    def with_arms(self) -> list[tuple[Arm, Gain]]:
        """Each gain beside its arm."""
        return [(gain.arm, gain) for gain in self.gains]


def worth_of(family: Family, margin: float = MARGIN) -> Worth | None:
    """What the explanations of a family are worth; None without level none or others.

    Args:
        margin: of the share of right answers; a difference below it counts as none.
    """
    verdicts = family.comparable()
    explained = [level for level in family.levels if level != NONE]
    if NONE not in family.levels or not (explained or family.treated):
        return None
    gains = _gains(family, verdicts, explained)
    found = [one for gain in gains for one in (gain.over_none, gain.lost)]
    count = sum(one is not None for one in found)
    sentences = []
    for gain in gains:
        if not gain.treatment:
            sentences.append(_gain_words(gain, margin, count))
            of_level = [
                one for one in gains if one.treatment and one.arm.level == gain.name
            ]
            sentences += [_control_words(one, gain, margin, count) for one in of_level]
        elif gain.arm.level not in family.levels:
            sentences.append(_gain_words(gain, margin, count))
    return Worth(family, gains, sentences)


def _gains(
    family: Family, verdicts: Mapping[str, Verdicts], explained: Sequence[str]
) -> list[Gain]:
    order: list[tuple[str, Arm, Treated | None]] = []
    for level in explained:
        order.append((level, family.levels[level], None))
        order += [(t.name, t.arm, t) for t in family.treated if t.arm.level == level]
    named = {name for name, _, _ in order}
    order += [(t.name, t.arm, t) for t in family.treated if t.name not in named]

    def against(name: str, other: str) -> Difference | None:
        if name not in verdicts or other not in verdicts:
            return None
        return compare(verdicts[name], verdicts[other])

    gained = [against(name, NONE) for name, _, _ in order]
    lost = [against(arm.level, name) if t else None for name, arm, t in order]
    found = [one for one in [*gained, *lost] if one is not None]
    adjusted = iter(holm([one.p_value for one in found]))
    gained_p = [1.0 if one is None else next(adjusted) for one in gained]
    lost_p = [1.0 if one is None else next(adjusted) for one in lost]
    return [
        Gain(
            name,
            arm,
            gained[at],
            gained_p[at],
            t.treatment if t else "",
            lost[at],
            lost_p[at],
        )
        for at, (name, arm, t) in enumerate(order)
    ]


def _gain_words(gain: Gain, margin: float, comparisons: int) -> str:
    found = gain.over_none
    name = f"Explanations of level {gain.name}"
    if found is None:
        return f"{name} cannot be compared with the answer alone: not the same rows."
    told = f"{with_interval(found)}, {p_words(gain.p_value)}"
    if gain.p_value <= ALPHA:
        verb = "gain over" if found.estimate > 0 else "lose against"
        return f"{name} {verb} the answer alone: {told}.{_of_models(found)}"
    if found.of_seeds is not None and -margin < found.low and found.high < margin:
        return (
            f"{name} neither gain nor lose {_margin(margin)} or more against the "
            f"answer alone: {told}."
        )
    return (
        f"{name} are not shown to gain over the answer alone: {told}. "
        f"{undecided(found, margin, comparisons)}"
    )


def _control_words(control: Gain, level: Gain, margin: float, comparisons: int) -> str:
    begin, due = TREATMENTS.get(
        control.treatment, (f"With {control.treatment}", "what that takes away")
    )
    lost, over = control.lost, control.over_none
    if lost is None or over is None:
        return f"{begin}, they cannot be compared: not the same rows."
    kept = f"{with_interval(over)} over the answer alone"
    away = f"{with_interval(lost)}, {p_words(control.lost_p)}"
    if not level.shown:
        return (
            f"{begin}: {kept}. Where no gain is shown, a control tells nothing of it."
        )
    if control.loses and control.shown:
        return (
            f"{begin}, they keep a part of that ({kept}); the rest ({away}) is due to "
            f"{due}."
        )
    if control.loses:
        return (
            f"{begin}, no gain is shown any more ({kept}); what is lost ({away}) is "
            f"due to {due}."
        )
    if lost.of_seeds is not None and lost.high < margin:
        return (
            f"{begin}, they gain as much, but for less than {_margin(margin)} "
            f"({kept}; the difference is {away}): the gain is not due to {due}."
        )
    return (
        f"{begin}: {kept}. Whether the gain is due to {due} is not shown ({away}). "
        f"{undecided(lost, margin, comparisons)}"
    )


def _of_models(found: Difference) -> str:
    """What a comparison of two runs does not tell."""
    if found.of_seeds is not None:
        return ""
    return " With one run of each, that is about these two models, not about the level."


def _margin(margin: float) -> str:
    return f"{100 * margin:g}{NBSP}points"
