"""Which level to train with, as far as a test carries a choice, and why, in words.

Chosen is the smallest level (none < short < medium < long) of which it is shown that no
other is better by a margin (`statistics/levels.py`). That two levels could not be told
apart is no such proof: then it is said that nothing is decided, and what would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.report.arms import Arm
from axolotl_explain.report.difference_words import needed_words, with_interval
from axolotl_explain.report.families import Family
from axolotl_explain.report.mean_words import told
from axolotl_explain.report.number_format import NBSP
from axolotl_explain.statistics import levels as tests
from axolotl_explain.statistics.levels import FEWEST_SEEDS, MARGIN
from axolotl_explain.statistics.paired import compare
from axolotl_explain.statistics.verdicts import Verdicts


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level and the reasons, in words.

    Attributes:
        level: None where there is nothing to choose, or it is undecided.
        undecided: the levels of which one would have to be shown to be enough.
    """

    level: str | None
    reasons: Sequence[str]
    undecided: Sequence[str] = ()

    @property
    def headline(self) -> str:
        """The choice in a few words."""
        if self.level:
            return f"Choose {self.level}"
        if self.undecided:
            return f"Undecided between {join_words(self.undecided)}"
        return "No choice"


def choose_level(family: Family, margin: float = MARGIN) -> LevelChoice:
    """Choose among the levels of one family.

    Args:
        family: levels that are not among none, short, medium and long are passed over.
        margin: of the share of right answers: a level that is worse by less is enough.
    """
    known = [level for level in LEVELS if level in family.levels]
    arms: dict[str, Arm] = {level: family.levels[level] for level in known}
    if not arms:
        words = "No single level was trained, so there is none to choose."
        return LevelChoice(None, [words])
    if len(arms) == 1:
        (only,) = arms.values()
        words = f"Only one level was evaluated: {_told(only)}. There is nothing to "
        reasons = [f"{words}compare it with.", *_untrained(only, family)]
        return LevelChoice(None, [*reasons, _basis(arms, False)])
    verdicts = {name: one for name, one in family.comparable().items() if name in arms}
    apart = [level for level in arms if level not in verdicts]
    reasons = [_left_out(apart)] if apart else []
    if len(verdicts) < 2:
        return LevelChoice(None, [*reasons, _shares(arms), _basis(arms, False)])
    found = tests.choose_level(verdicts, margin)
    if found.level is not None:
        reasons += _enough(found, arms, verdicts)
    elif min(one.seeds for one in verdicts.values()) == 1:
        reasons += _one_run_each(arms, verdicts)
    else:
        reasons += _open(found, arms)
    best = max(verdicts, key=lambda level: verdicts[level].share)
    reasons += _untrained(arms[found.level or best], family)
    reasons.append(_basis(arms, True))
    return LevelChoice(found.level, reasons, found.left if len(found.left) > 1 else ())


def join_words(words: Sequence[str]) -> str:
    """As a list in a sentence.

    >>> join_words(["none", "short", "long"])
    'none, short and long'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _named(levels: Sequence[str]) -> str:
    """Levels as the subject of a sentence: `none` must not be read as a word."""
    one = len(levels) == 1
    return f"Level{'' if one else 's'} {join_words(levels)} {'is' if one else 'are'}"


def _told(arm: Arm) -> str:
    return f"{arm.level} at {told(arm.mean, arm.shares)}"


def _shares(arms: Mapping[str, Arm]) -> str:
    return f"Exact match: {'; '.join(map(_told, arms.values()))}."


def _enough(
    found: tests.LevelChoice, arms: Mapping[str, Arm], verdicts: Mapping[str, Verdicts]
) -> list[str]:
    assert found.level is not None
    others = [level for level in verdicts if level != found.level]
    against = "; ".join(
        f"{with_interval(compare(verdicts[found.level], verdicts[level]))} against "
        f"{level}"
        for level in others
    )
    words = (
        f"Level {found.level} is enough: it is shown that no other level is better by "
        f"{100 * found.margin:g}{NBSP}points or more ({against})."
    )
    reasons = [words, _shares(arms)]
    smaller = list(arms)[: list(arms).index(found.level)]
    lost = [level for level in smaller if level in found.worse]
    if lost:
        reasons.append(f"{_named(lost)} shown to be worse.")
    elif smaller:
        reasons.append("Of no smaller level is the same shown.")
    dearest = max(arms.values(), key=lambda arm: arm.tokens or 0)
    chosen = arms[found.level]
    if chosen.tokens and dearest.tokens and chosen.tokens < dearest.tokens:
        reasons.append(
            f"An answer costs {chosen.tokens:,.0f} tokens on average, at level "
            f"{dearest.level} {dearest.tokens:,.0f}."
        )
    return reasons


def _open(found: tests.LevelChoice, arms: Mapping[str, Arm]) -> list[str]:
    words = (
        "Of no level is it shown that no other is better by "
        f"{100 * found.margin:g}{NBSP}points or more; "
        f"it takes {needed_words(found.needed)}."
    )
    reasons = [words, _shares(arms)]
    if found.worse:
        reasons.append(f"{_named(found.worse)} shown to be worse than some other.")
    return reasons


def _one_run_each(
    arms: Mapping[str, Arm], verdicts: Mapping[str, Verdicts]
) -> list[str]:
    best = max(verdicts, key=lambda level: verdicts[level].share)
    least = next(iter(verdicts))
    other = least if least != best else list(verdicts)[1]
    found = compare(verdicts[best], verdicts[other])
    return [
        f"A level was trained once, and nothing tells it from the luck of its seed: it "
        f"takes {FEWEST_SEEDS} seeds of each at least.",
        f"Of these models that of level {best} answered most rows right: "
        f"{with_interval(found)} against level {other}. That tells about these models "
        "on such rows, not about the levels.",
        _shares(arms),
    ]


def _left_out(levels: Sequence[str]) -> str:
    return (
        f"{_named(levels)} left out of the choice: evaluated on other rows than the "
        "rest, or by a version that kept no verdicts of rows. Evaluate all levels on "
        "the same data."
    )


def _untrained(chosen: Arm, family: Family) -> list[str]:
    found = max(family.untrained, key=lambda arm: arm.share, default=None)
    if found is None:
        return []
    share = told(found.mean, found.shares)
    before, after = found.verdicts, chosen.verdicts
    if before is None or after is None or found.rows_asked != chosen.rows_asked:
        return [f"Before training, the base model has {share}."]
    gain = compare(after, before)
    if gain.p_value <= tests.ALPHA and gain.estimate > 0:
        return [
            f"Before training, the base model has {share}; level {chosen.level} "
            f"gains {with_interval(gain)} over it."
        ]
    return [
        f"Before training, the base model has {share}: these rows do not carry that "
        f"training at level {chosen.level} has improved on it "
        f"({with_interval(gain)})."
    ]


def _basis(arms: Mapping[str, Arm], compared: bool) -> str:
    rows = _amount({arm.rows for arm in arms.values()}, "row")
    seeds = _amount({arm.seeds for arm in arms.values()}, "seed")
    told = [f"Basis: {rows} and {seeds} for each level."]
    if max(arm.seeds for arm in arms.values()) == 1:
        told.append(
            "The intervals (95 %) tell what another draw of rows could change; what "
            "another training seed could change, one seed cannot tell."
        )
    else:
        told.append(
            "The intervals (95 %) tell what other seeds and another draw of rows could "
            "change."
        )
    if compared:
        told.append("Levels are compared row by row.")
    members = [member for arm in arms.values() for member in arm.members]
    if tuned := sorted({key for member in members for key in member.run.tuned}):
        told.append(
            f"The sweep has chosen {join_words(tuned)} for each level by itself, on "
            "other rows."
        )
    return " ".join(told)


def _amount(counts: set[int], noun: str) -> str:
    low, high = min(counts), max(counts)
    number = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return f"{number} {noun}{'' if high == 1 else 's'}"
