"""A training row and the room it has: it fits, is shortened, or is dropped."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from axolotl_explain.core.levels import Level
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.sentences import cuts
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.formatter import Formatter, TrainingRow
from axolotl_explain.tokens.join import Join, Row


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is trained on; `row` is None where it is dropped."""

    row: Row | None
    level: Level
    outcome: Outcome
    num_prompt_tokens: int = 0
    reason: str | None = None
    """Why a bad row is skipped."""


@dataclass(frozen=True, slots=True)
class Fitter:
    """Makes training rows that are no longer than `join` allows.

    The answer is never cut. The level keeps its name when its explanation is shortened,
    because the prompt has asked for it. Under `order: multitask` an explanation that is
    asked for alone is never cut down to nothing.
    """

    formatter: Formatter
    join: Join
    shorten: bool
    """Whether a long explanation is cut; if not, the row is dropped."""

    def fit(
        self, row: TrainingRow, prompt: list[int], target: Encoded, outcome: Outcome
    ) -> Fitted:
        """Join prompt and target if they fit; else shorten or drop the row."""
        room = self.join.room(len(prompt))
        if len(target.ids) > room:
            cut = self._shortened(row, room) if self.shorten else None
            if cut is None:
                too_long = self.join.too_long(len(prompt))
                return Fitted(None, row.level, outcome | too_long)
            target, explanation = cut
            outcome |= Outcome.SHORTENED if explanation else Outcome.SHORTENED_TO_ANSWER
        if self.formatter.loses(target):
            outcome |= Outcome.UNKNOWN_CHARACTERS
        joined = self.join.row(prompt, target)
        return Fitted(joined, row.level, outcome, len(prompt))

    def _shortened(self, row: TrainingRow, room: int) -> tuple[Encoded, str] | None:
        """The target with the longest cut of the explanation that fits into the room.

        Cuts are at ends of sentences or lines, found by bisection. None if not even the
        answer alone fits.
        """
        lengths = cuts(row.explanation)
        if self.formatter.layout.order == "multitask" and row.explanation:
            lengths.pop()

        def target(length: int) -> Encoded:
            cut = replace(row, explanation=row.explanation[:length])
            return self.formatter.encode([cut])[0][1]

        place = bisect_left(
            lengths, True, key=lambda length: len(target(length).ids) <= room
        )
        if place == len(lengths):
            return None
        length = lengths[place]
        return target(length), row.explanation[:length]
