"""The comparisons that the plan of a sweep names, family by family.

A family shares 5 % of error: its p-values are adjusted by Holm's method, over all sizes
of model that the sweep has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from axolotl_explain.report.difference_words import points, with_interval
from axolotl_explain.statistics.levels import ALPHA, LevelChoice, choose_level
from axolotl_explain.statistics.paired import Difference, holm
from reproduction.paper_sweeps import SEED, Sweep

NONE, MEDIUM = "none", "medium"
LEVELS = ("short", MEDIUM, "long")
WITH_NONE = (NONE, *LEVELS)
CONTROLS = ("answer_first", "shuffled", "mismatched", "coverage")
EQUAL_TOKENS = ("none_tokens", "short_tokens", "long_tokens")
EQUAL_WEIGHTS = "weight_1"
ALL_ROWS = 25_600
"""Of the sweeps that are not about the number of rows."""

Choices = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm less another, on the same rows.

    Attributes:
        p_value: two-sided, adjusted for its family.
    """

    one: Choices
    other: Choices
    found: Difference
    p_value: float

    @property
    def shown(self) -> bool:
        """Whether there is a difference, after the correction."""
        return self.p_value < ALPHA

    @property
    def interval(self) -> str:
        """Points and their 95 % interval, which no correction has made wider.

        Without the word, for tables.
        """
        found = self.found
        between = f"{points(found.low)} to {points(found.high)}"
        return f"{points(found.estimate)} ({between})"

    def __str__(self) -> str:
        return with_interval(self.found)


class Family:
    """Comparisons that share the 5 % of error."""

    def __init__(
        self,
        sweep: Sweep,
        pairs: Iterable[tuple[Choices, Choices]],
        data: str = "test",
    ) -> None:
        """Compare all pairs.

        Args:
            pairs: choices of the one arm and of the other, all but the seed.
            data: the rows on which they are compared.

        Raises:
            ValueError: if verdicts of rows are not kept.
        """
        wanted = [*pairs]
        found = [sweep.difference(one, other, data) for one, other in wanted]
        adjusted = holm([one.p_value for one in found])
        self.comparisons: Sequence[Comparison] = [
            Comparison(*pair, difference, p_value)
            for pair, difference, p_value in zip(wanted, found, adjusted, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.comparisons)

    def get(self, arm: str, against: str, **fixed: Any) -> Comparison | None:
        """The comparison of two arms; None if the family has none."""
        for each in self.comparisons:
            if each.one == {"arm": arm, **fixed} and each.other["arm"] == against:
                return each
        return None

    def of(self, arm: str, against: str, **fixed: Any) -> Comparison:
        """The comparison of two arms, with all other choices.

        Raises:
            KeyError: if the family has none.
        """
        found = self.get(arm, against, **fixed)
        if found is None:
            raise KeyError(f"{arm} is not compared with {against} at {fixed}")
        return found


def between(
    sweep: Sweep,
    arms: Sequence[str],
    against: Sequence[str],
    data: str = "test",
    **fixed: Any,
) -> Family:
    """Each of some arms less each of others; none less itself."""
    return Family(
        sweep,
        [
            ({"arm": arm, **fixed}, {"arm": other, **fixed})
            for arm in arms
            for other in against
            if arm != other
        ],
        data,
    )


def levels(sweep: Sweep) -> Family:
    """Each level less the answer alone, for each size or number of rows."""
    places = [{key: run.choices[key] for key in _others(sweep)} for run in sweep.runs]
    kept = [one for at, one in enumerate(places) if one not in places[:at]]
    return Family(
        sweep,
        [
            ({"arm": level, **place}, {"arm": NONE, **place})
            for place in kept
            for level in LEVELS
            if sweep.has(arm=level, **place)
        ],
    )


def controls(sweep: Sweep, **fixed: Any) -> Family:
    """The four controls less the answer alone, and less medium explanations."""
    return between(sweep, CONTROLS, (NONE, MEDIUM), **fixed)


def equal_tokens(sweep: Sweep, **fixed: Any) -> Family:
    """The arms that read as many tokens as medium ones, less these."""
    return between(sweep, EQUAL_TOKENS, (MEDIUM,), **fixed)


def not_planned(sweep: Sweep, one: Choices, other: Choices) -> str:
    """A difference that no plan names, with its interval; nothing is adjusted."""
    return with_interval(sweep.difference(one, other))


def weights(sweep: Sweep, task: str, size: str) -> Family:
    """Each way to weigh the loss less equal weights, of one task and size."""
    return between(sweep, sweep.values("arm"), (EQUAL_WEIGHTS,), task=task, size=size)


def level_choice(sweep: Sweep, **fixed: Any) -> LevelChoice:
    """The smallest level that is shown to be enough, as a report chooses it.

    Raises:
        ValueError: if verdicts of rows are not kept.
    """
    arms = {level: sweep.cell(arm=level, **fixed).verdicts for level in WITH_NONE}
    kept = {level: one for level, one in arms.items() if one is not None}
    if len(kept) < len(arms):
        raise ValueError(f"{sweep.name}: no verdicts of rows are kept")
    return choose_level(kept)


def with_all_rows(few: Sweep, all_rows: Sweep, **fixed: Any) -> Sweep:
    """A sweep over numbers of rows, and beside its runs those that had all rows.

    Args:
        all_rows: a sweep of which some arms are the same but for the number of rows.
        fixed: its choices, all but arm and seed.
    """
    runs = [
        replace(
            run,
            choices={key: run.choices[key] for key in ("arm", SEED)}
            | {"samples": ALL_ROWS},
        )
        for run in all_rows.chosen(**fixed)
        if few.has(arm=run.choices["arm"])
    ]
    return replace(few, runs=[*few.runs, *runs])


def less_most_answers(rows: Sweep) -> Family:
    """Medium explanations of fewer rows less the answer alone with all of them."""
    most = {"arm": NONE, "samples": ALL_ROWS}
    fewer = [count for count in rows.values("samples") if count < ALL_ROWS]
    return Family(rows, [({"arm": MEDIUM, "samples": one}, most) for one in fewer])


def _others(sweep: Sweep) -> list[str]:
    return [key for key in sweep.runs[0].choices if key not in {"arm", "seed"}]
