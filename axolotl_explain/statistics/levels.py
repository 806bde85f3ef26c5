"""Several levels on the same rows: which are better, and which is enough.

"Enough" is a level that no other level is better than by a margin or more. Only a test
may say so: that two levels could not be told apart is no proof that they are equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from axolotl_explain.statistics.paired import Difference, compare, holm
from axolotl_explain.statistics.planning import Needed, needed
from axolotl_explain.statistics.verdicts import Verdicts

ALPHA = 0.05
MARGIN = 0.02
"""Of the share of right answers: what a user would not notice."""

FEWEST_SEEDS = 3
"""With one run of a level, nothing tells the level from the luck of its seed."""


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """Two levels, compared.

    Attributes:
        one, other: the levels; `difference` is that of `one` less `other`.
        p_value: adjusted for all pairs of the family.
    """

    one: str
    other: str
    difference: Difference
    p_value: float

    @property
    def better(self) -> str | None:
        """The level that is better; None where that is not decided."""
        if self.p_value > ALPHA:
            return None
        return self.one if self.difference.estimate > 0 else self.other


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """The smallest level that is enough.

    Attributes:
        level: None where it is undecided.
        worse: levels that are worse than some other one.
        left: the others, of which one would have to be shown to be enough.
        needed: where it is undecided, what would decide between `left`.
    """

    level: str | None
    worse: Sequence[str]
    left: Sequence[str]
    margin: float
    needed: Needed | None = None


def compare_all(arms: Mapping[str, Verdicts]) -> list[PairVerdict]:
    """Every pair of levels, adjusted by Holm's method."""
    pairs = list(combinations(arms, 2))
    found = [compare(arms[one], arms[other]) for one, other in pairs]
    adjusted = holm([one.p_value for one in found])
    return [
        PairVerdict(one, other, difference, p_value)
        for (one, other), difference, p_value in zip(
            pairs, found, adjusted, strict=True
        )
    ]


def compare_with(control: str, arms: Mapping[str, Verdicts]) -> list[PairVerdict]:
    """Every other level against one, adjusted by Holm's method."""
    others = [name for name in arms if name != control]
    found = [compare(arms[name], arms[control]) for name in others]
    adjusted = holm([one.p_value for one in found])
    return [
        PairVerdict(name, control, difference, p_value)
        for name, difference, p_value in zip(others, found, adjusted, strict=True)
    ]


def choose_level(
    arms: Mapping[str, Verdicts], margin: float = MARGIN, alpha: float = ALPHA
) -> LevelChoice:
    """The smallest level that no other is better than by a margin.

    A level is enough where it is shown against each other level that it is not worse by
    the margin or more (an intersection–union test; Berger and Hsu, "Bioequivalence
    trials, intersection–union tests and equivalence confidence sets", 1996), at alpha
    divided by the number of levels that could wrongly be named. So a level that is
    worse by the margin is named in at most a share alpha of all cases.

    Args:
        arms: level -> its verdicts, from the smallest level to the largest.
        margin: of the share of right answers, above 0.

    With one run of a level it is undecided: it takes more seeds.
    """
    levels = list(arms)
    if any(arm.seeds == 1 and not arm.fixed for arm in arms.values()):
        return LevelChoice(None, [], levels, margin, Needed(FEWEST_SEEDS, None))
    each = alpha / max(1, len(levels) - 1)
    for level in levels:
        others = [other for other in levels if other != level]
        found = [compare(arms[level], arms[other]) for other in others]
        if all(one.p_above(-margin) <= each for one in found):
            return LevelChoice(level, _worse(arms), [], margin)
    worse = _worse(arms)
    left = [level for level in levels if level not in worse]
    return LevelChoice(None, worse, left, margin, _to_decide(arms, left, margin, each))


def _worse(arms: Mapping[str, Verdicts]) -> list[str]:
    """The levels below some other one, in the order of the levels."""
    pairs = [pair for pair in compare_all(arms) if pair.better]
    lost = {pair.other if pair.better == pair.one else pair.one for pair in pairs}
    return [level for level in arms if level in lost]


def _to_decide(
    arms: Mapping[str, Verdicts], left: Sequence[str], margin: float, alpha: float
) -> Needed | None:
    """What it takes for the smallest level that is left, against the best of them."""
    if len(left) < 2:
        return None
    best = max(left[1:], key=lambda level: arms[level].share)
    found = compare(arms[left[0]], arms[best])
    gap = max(abs(found.estimate), margin + found.estimate)
    return needed(found, gap, 2 * alpha)
