"""Levels where there are none: derived from the one rationale that a row has.

`length`: the rationale gets the level of its tercile among all rationales of the
dataset, in tokens, and the row's own `level` becomes that one too. It is then the only
explanation of the row.

`sentences`: short and medium are the longest beginning of it that ends with a sentence
or line and keeps to a budget of tokens.

`steps`: short is the results of its calculations, medium the calculations themselves,
one a line: those that the source marks, else those in its text (see `calculations`).

By sentences and steps, long is the rationale as it stands, whatever level it is at in
the row, unless the row has a long one beside it; explanations that the row has at other
levels are kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.sentences import cuts
from axolotl_explain.targets.calculations import Calculation, calculations

By = Literal["length", "sentences", "steps"]
Budgeted = Literal["short", "medium"]
Explained = Literal["short", "medium", "long"]
BUDGETS: dict[Budgeted, int] = {"short": 30, "medium": 80}

NumTokens = Callable[[str], int]


class DeriveOptions(BaseModel):
    """The `derive_levels:` block below `explain:`."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, serialize_by_alias=True
    )

    by: By = Field(
        description="length (terciles of the dataset, in tokens), sentences (whole "
        "ones within a budget) or steps (of a calculation)"
    )
    source: Explained | None = Field(
        default=None,
        alias="from",
        description="the level that the rationale is at; without it, the only one "
        "that a row has",
    )
    budgets: dict[Budgeted, int] = Field(
        default_factory=dict,
        description="by: sentences: at most how many tokens a level has, such as "
        "{short: 30, medium: 80}",
    )

    @model_validator(mode="after")
    def _usable_budgets(self) -> DeriveOptions:
        if self.budgets and self.by != "sentences":
            raise ValueError(f"budgets have no meaning with by: {self.by}; remove them")
        short, medium = (self.all_budgets[level] for level in BUDGETS)
        if not 0 < short <= medium:
            raise ValueError(
                f"the budgets are short {short} and medium {medium}; short needs 1 "
                "token or more, and medium no fewer than short"
            )
        return self

    @property
    def all_budgets(self) -> dict[Budgeted, int]:
        """The user's, else the usual ones."""
        return {**BUDGETS, **self.budgets}


@dataclass(frozen=True, slots=True)
class Terciles:
    """The longest short and the longest medium rationale of a dataset, in tokens."""

    short: int
    medium: int

    @classmethod
    def of(cls, lengths: Iterable[int]) -> Terciles:
        """The lengths at one and two thirds of the sorted ones, rounded up.

        Rationales of the same length get the same level, so that thirds are equal
        only where lengths differ.

        >>> Terciles.of([5, 1, 9, 3, 7, 4])
        Terciles(short=3, medium=5)
        """
        ranked = sorted(lengths)
        count = len(ranked)
        if not count:
            return cls(0, 0)
        return cls(ranked[-(-count // 3) - 1], ranked[-(-2 * count // 3) - 1])

    def level(self, num_tokens: int) -> Level:
        """The level of a rationale."""
        if num_tokens <= self.short:
            return "short"
        return "medium" if num_tokens <= self.medium else "long"


@dataclass(frozen=True, slots=True)
class Derived:
    """An example with what could be derived from its rationale."""

    example: Example
    levels: frozenset[Level] = frozenset()
    """Those of its levels that are derived."""
    whole: frozenset[Level] = frozenset()
    """Those that have become no shorter than the rationale."""
    rationale: str = ""
    fruitful: bool = True
    """Whether a level other than that of the rationale itself could be made."""


@dataclass(frozen=True, slots=True)
class Deriver:
    """Derives the levels of examples of one dataset."""

    options: DeriveOptions
    num_tokens: NumTokens
    terciles: Terciles | None = None
    """By length, and only then."""

    def __call__(self, example: Example) -> Derived:
        """Derive what can be derived.

        That is nothing where the row has no rationale at `from`, or without `from` not
        exactly one. A level is left out where not even the first sentence keeps to its
        budget, and where there is no calculation.
        """
        source = self.source(example)
        if source is None:
            return Derived(example, fruitful=False)
        text = example.explanations[source]
        if self.terciles is not None:
            level = self.terciles.level(self.num_tokens(text))
            found = replace(example, explanations={level: text}, level=level)
            return Derived(found, frozenset([level]), rationale=text)
        shorter = self._shorter(text, example.steps)
        own = {lv: one for lv, one in example.explanations.items() if lv != source}
        home: Level = source if "long" in own else "long"
        made = {**shorter, home: text, **own}
        levels = frozenset(made).difference(own, [home] if home == source else [])
        whole = frozenset(level for level in levels if made[level] == text)
        found = replace(example, explanations=made)
        return Derived(found, levels, whole, text, bool(shorter))

    def source(self, example: Example) -> Level | None:
        """The level that an example's rationale is at; None without a single one."""
        wanted = self.options.source
        if wanted is not None:
            return wanted if wanted in example.explanations else None
        levels = list(example.explanations)
        return levels[0] if len(levels) == 1 else None

    def _shorter(self, text: str, steps: Sequence[str]) -> Mapping[Level, str]:
        if self.options.by == "steps":
            return by_steps(text, steps)
        lengths = [len(text), *cuts(text)][:-1]
        found: dict[Level, str] = {}
        for level, budget in self.options.all_budgets.items():
            place = bisect_left(
                lengths,
                True,
                key=lambda length: self.num_tokens(text[:length]) <= budget,
            )
            if place < len(lengths):
                found[level] = text[: lengths[place]]
        return found


def by_steps(text: str, marked: Sequence[str] = ()) -> dict[Level, str]:
    """Short and medium, where a text calculates; else nothing.

    Args:
        marked: the calculations, where the source marks them; then the text is not
            searched.

    >>> by_steps("In May it was 48/2 = 24. Together 48 + 24 = 72.")
    {'short': '24\\n72', 'medium': '48/2=24\\n48+24=72'}
    """
    found = [Calculation("".join(one.split())) for one in marked] or calculations(text)
    if not found:
        return {}
    return {
        "short": "\n".join(one.result for one in found),
        "medium": "\n".join(one.text for one in found),
    }
