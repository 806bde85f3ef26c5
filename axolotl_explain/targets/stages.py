r"""How much of an explanation is there at a stage: the one rule of internalisation.

A model that has learned with explanations unlearns to write them: from stage to stage
some units (lines, sentences or tokens) more are taken away, from the left unless said
otherwise, until the answer stands alone (Deng et al., 2024). Begun with nothing, the
same rule runs backwards: explanations grow from their last step towards the first.

    stage 0   5 + 7 = 12 -> 2      stage 1   2 + 4 = 6 -> 6       stage 2   9 + 6 …
              2 + 4 = 6 -> 6                 9 + 6 = 15 -> 5
              9 + 6 = 15 -> 5

Whatever is drawn depends on the row and the stage alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil, exp
from typing import Literal

from axolotl_explain.core.draws import uniform
from axolotl_explain.core.sentences import split_sentences

Unit = Literal["line", "sentence", "token"]
Side = Literal["left", "right"]
Start = Literal["whole", "nothing"]
LINE = re.compile(r"[^\n]*\S[^\n]*\n?\s*")
"""A line that says something, with the empty ones behind it."""


@dataclass(frozen=True, slots=True)
class StageCut:
    """What a stage takes away of explanations.

    Attributes:
        stage: 0 is where training begins.
        unit: what explanations are taken apart into.
        step: how many units each stage goes further than the one before.
        side: where they are taken away.
        start: `whole` explanations that shrink, or `nothing` that grows.
        smoothing: a row loses o units more with a chance proportional to
            exp(-smoothing * o), where anything is taken away; None: never.
        mix: the share of rows that keep the amount of an earlier stage.
        max_stages: the stage that goes all the way at once; None: as many as it takes.
        seed: of both draws.
    """

    stage: int
    unit: Unit = "line"
    step: int = 1
    side: Side = "left"
    start: Start = "whole"
    smoothing: float | None = None
    mix: float = 0.0
    max_stages: int | None = None
    seed: int = 0

    @property
    def takes_nothing(self) -> bool:
        """Whether every explanation is whole."""
        return self.start == "whole" and self.stage == 0

    @property
    def in_words(self) -> str:
        """What a stage takes away, said of its rows.

        >>> StageCut(2, side="right").in_words
        'stage 2, each explanation is without its last 2 lines'
        >>> StageCut(3, "token", 8, start="nothing").in_words
        'stage 3, each explanation is its last 24 tokens'
        """
        count = self.stage * self.step
        at_last = self.max_stages is not None and self.stage >= self.max_stages
        units = self.unit if count == 1 else f"{count} {self.unit}s"
        left = self.side == "left"
        if self.start == "whole":
            said = f"without its {'first' if left else 'last'} {units}"
            said = "gone" if at_last else said
        else:
            said = f"its {'last' if left else 'first'} {units}"
            said = "whole" if at_last else said if count else "gone"
        return f"stage {self.stage}, each explanation is {said}"

    def taken(self, num_units: int, row: str | None = None) -> int:
        """How many units an explanation of so many loses.

        Args:
            row: what tells it from other rows, for the draws; None leaves them out.
        """
        stage = self._drawn_stage(row)
        at_last = self.max_stages is not None and stage >= self.max_stages
        units = num_units if at_last else stage * self.step
        base = units if self.start == "whole" else num_units - units
        if base <= 0:
            return 0
        return min(num_units, base + self._extra(row))

    def cut(self, explanation: str, row: str | None = None) -> str:
        """What is left of an explanation whose units are lines or sentences.

        >>> StageCut(1).cut("5 + 7 = 12\\n2 + 4 = 6")
        '2 + 4 = 6'
        """
        units = split_units(explanation, self.unit)
        taken = self.taken(len(units), row)
        kept = units[taken:] if self.side == "left" else units[: len(units) - taken]
        return explanation if not taken else "".join(kept).strip()

    def at(self, stage: int) -> StageCut:
        """The same at another stage."""
        return replace(self, stage=stage)

    def _drawn_stage(self, row: str | None) -> int:
        """The stage whose amount a row has."""
        if row is None or not self.stage or not self.mix:
            return self.stage
        draw = uniform(self.seed, "internalise:mix", self.stage, row)
        return int(draw / self.mix * self.stage) if draw < self.mix else self.stage

    def _extra(self, row: str | None) -> int:
        """How many units a row loses besides: geometric in exp(-smoothing)."""
        if row is None or self.smoothing is None:
            return 0
        draw = uniform(self.seed, "internalise:smoothing", self.stage, row)
        chance = ratio = exp(-self.smoothing)
        extra = 0
        while draw < chance:
            extra, chance = extra + 1, chance * ratio
        return extra


def split_units(explanation: str, unit: Unit) -> list[str]:
    """The lines or sentences of an explanation; joined, they are the explanation.

    >>> split_units("One. Two!\\n\\nThree", "line")
    ['One. Two!\\n\\n', 'Three']
    >>> split_units("One. Two!\\n\\nThree", "sentence")
    ['One. ', 'Two!\\n\\n', 'Three']
    """
    if unit == "sentence":
        return [text + space for text, space in split_sentences(explanation)]
    return LINE.findall(explanation)


def num_stages(longest: int, step: int, most: int | None = None) -> int:
    """How many stages follow the first, until nothing of the longest is left.

    Args:
        longest: units of the longest explanation.
        most: at most so many, the last of which takes all that is left.

    >>> num_stages(3, 1), num_stages(7, 3), num_stages(7, 3, most=2)
    (3, 3, 2)
    """
    needed = ceil(longest / step)
    return needed if most is None else min(needed, most)
