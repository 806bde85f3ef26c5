"""A formatter that leaves out what a stage of internalisation takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from axolotl_explain.core.target import Kind
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.targets.stages import StageCut
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.formatter import Formatter, Notice


class StagedFormatter(Formatter):
    """Writes prompts as another formatter does, and shorter explanations.

    Lines and sentences go before a target is tokenised, tokens afterwards. A target
    that nothing is left of is that of a row without an explanation; the prompt stays
    that of the row's level.

    Attributes:
        whole: the formatter of the recipe, which writes whole explanations.
        draws: whether rows are drawn that lose more, or keep more, than others.
    """

    def __init__(self, whole: Formatter, cut: StageCut, draws: bool) -> None:
        self.whole = whole
        self.cut = cut
        self.draws = draws
        self.layout = whole.layout

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        return self.whole.prompts(rows)

    def prompts_behind(
        self, solved: Sequence[Sequence[TrainingRow]], rows: Sequence[TrainingRow]
    ) -> list[list[int]]:
        return self.whole.prompts_behind(solved, rows)

    def encode(self, rows: Sequence[TrainingRow]) -> list[tuple[list[int], Encoded]]:
        if self.cut.unit == "token":
            return self._without_tokens(rows)
        return self.whole.encode([self._left(row) for row in rows])

    @property
    def stop_ids(self) -> list[int]:
        return self.whole.stop_ids

    def read(self, completion: str) -> str:
        return self.whole.read(completion)

    @property
    def may_lose(self) -> bool:
        return self.whole.may_lose

    def loses(self, target: Encoded) -> bool:
        return self.whole.loses(target)

    def notices(self) -> list[Notice]:
        return self.whole.notices()

    def messages(self, row: TrainingRow) -> list[dict[str, str]]:
        return self.whole.messages(row)

    @property
    def served_template(self) -> str | None:
        return self.whole.served_template

    @property
    def described(self) -> dict[str, Any]:
        return self.whole.described

    def _row(self, row: TrainingRow) -> str | None:
        """What the draws of a row key on; None where nothing is drawn."""
        return f"{row.level}:{row.example.identity}" if self.draws else None

    def _left(self, row: TrainingRow) -> TrainingRow:
        return replace(row, explanation=self.cut.cut(row.explanation, self._row(row)))

    def _without_tokens(
        self, rows: Sequence[TrainingRow]
    ) -> list[tuple[list[int], Encoded]]:
        encoded = self.whole.encode(rows)
        counts = [num_explaining(target) for _, target in encoded]
        taken = [
            self.cut.taken(count, self._row(row))
            for row, count in zip(rows, counts, strict=True)
        ]
        bare = iter(
            self.whole.encode(
                [
                    replace(row, explanation="")
                    for row, count, lost in zip(rows, counts, taken, strict=True)
                    if count and lost == count
                ]
            )
        )
        return [
            next(bare)
            if count and lost == count
            else (prompt, without(target, lost, self.cut.side))
            for (prompt, target), count, lost in zip(
                encoded, counts, taken, strict=True
            )
        ]


def num_explaining(target: Encoded) -> int:
    """How many tokens of a target are of its explanation."""
    return int((target.kinds == Kind.EXPLANATION).sum())


def without(target: Encoded, count: int, side: str) -> Encoded:
    """A target without so many tokens of its explanation, from one side."""
    if not count:
        return target
    places = np.flatnonzero(target.kinds == Kind.EXPLANATION)
    gone = places[:count] if side == "left" else places[len(places) - count :]
    kept = np.setdiff1d(np.arange(len(target.ids)), gone)
    return Encoded([target.ids[at] for at in kept], target.kinds[kept])
