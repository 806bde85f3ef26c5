"""Completions of untrained models end with their first answer line.

Such a model answers and goes on, since nothing has taught it to stop. Judged as a whole
it would seem worse than it is, and learning to stop would seem to be learning the task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from axolotl_explain.core.answer_end import answer_end, opening_of, until_answered
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.training_row import TrainingRow

Read = Callable[[Sequence[int]], str]
"""What the ids of a completion say."""


@dataclass(frozen=True, slots=True)
class AnswerCut:
    """How the completions of one row are cut.

    Attributes:
        prompt: as text.
        opening: what another question would begin with.
        lines: of an answer.
    """

    layout: TargetFormat
    prompt: str
    opening: str = ""
    lines: int = 1

    @classmethod
    def of(cls, row: TrainingRow, layout: TargetFormat, prompt: str) -> AnswerCut:
        """For a row; an answer has as many lines as gold has."""
        example = row.example
        question = example.instruction or example.input
        lines = example.answer.strip().count("\n") + 1
        return cls(layout, prompt, opening_of(prompt, question), lines)

    def cut(self, completion: str) -> str:
        """What of a completion counts."""
        return until_answered(
            completion, self.layout, self.prompt, self.opening, self.lines
        )

    def reached(self, completion: str) -> bool:
        """Whether a completion that is being written may end here."""
        end = answer_end(completion, self.layout, self.prompt, self.opening, self.lines)
        return end is not None


@dataclass(slots=True)
class AnswerEnded:
    """Tells an engine when a completion needs no more tokens; see `Decoding.ended`.

    Attributes:
        cuts: place of a prompt -> how its completions are cut.
        breaks: token -> whether it ends a line; only there is the text looked at.
    """

    cuts: Sequence[AnswerCut]
    read: Read
    breaks: dict[int, bool] = field(default_factory=dict)

    def __call__(self, place: int, ids: Sequence[int]) -> bool:
        if not ids:
            return False
        last = ids[-1]
        if last not in self.breaks:
            self.breaks[last] = "\n" in self.read([last])
        return self.breaks[last] and self.cuts[place].reached(self.read(ids))


def tokens_until(cut: str, ids: Sequence[int], read: Read) -> int:
    """How many of the ids of a completion it takes to write its beginning."""
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if len(read(ids[:middle])) < len(cut):
            low = middle + 1
        else:
            high = middle
    return low
