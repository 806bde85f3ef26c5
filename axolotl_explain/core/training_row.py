"""What one example becomes: rows that are trained on, and rows that are dropped."""

from __future__ import annotations

from dataclasses import dataclass

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.outcome import Outcome


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One example at one level, with the explanation that is trained.

    Attributes:
        example: with all its levels, derived ones included, as they really are.
        explanation: of the level; changed by a control arm, or shortened to fit.
        outcome: what was done to it.
    """

    example: Example
    level: Level
    explanation: str
    outcome: Outcome = Outcome.AS_WANTED

    @classmethod
    def of(cls, example: Example, level: Level) -> TrainingRow:
        """With the example's own explanation at that level."""
        return cls(example, level, example.explanations.get(level, ""))


@dataclass(frozen=True, slots=True)
class DroppedRow:
    """A training row that is left out.

    Attributes:
        outcome: why.
        reason: why a bad row is one, in a few words; rows are counted by it.
    """

    outcome: Outcome
    reason: str | None = None


PlannedRow = TrainingRow | DroppedRow
