"""A training row and the room it has: it fits, is shortened, or is dropped."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.sentences import cuts
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.tokens.formatter import Formatter
from axolotl_explain.tokens.join import EncodedRow, Join


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
        self, row: TrainingRow, prompt: list[int], target: Encoded
    ) -> tuple[EncodedRow | None, Outcome]:
        """Join prompt and target if they fit; else shorten or drop the row.

        Returns:
            What is trained on, None where it is dropped; and what became of the row.
        """
        outcome = row.outcome
        room = self.join.room(len(prompt))
        if len(target.ids) > room:
            cut = self._shortened(row, room) if self.shorten else None
            if cut is None:
                return None, outcome | self.join.too_long(len(prompt))
            target, explanation = cut
            outcome |= Outcome.SHORTENED if explanation else Outcome.SHORTENED_TO_ANSWER
        if self.formatter.loses(target):
            outcome |= Outcome.UNKNOWN_CHARACTERS
        return self.join.row(prompt, target), outcome

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
