"""What came of letting a teacher explain rows: counts, shares, and texts to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import comb
from typing import Any


@dataclass(slots=True)
class Share:
    """So many of so many."""

    of: int = 0
    kept: int = 0

    def add(self, kept: bool) -> None:
        """Count one more."""
        self.of += 1
        self.kept += kept

    @property
    def share(self) -> float | None:
        """In [0, 1]; None of nothing."""
        return self.kept / self.of if self.of else None


@dataclass(slots=True)
class LevelTexts:
    """The explanations of one level.

    Attributes:
        tokens: of the replies that were kept, as the server counts them.
        counted: replies of which it does.
        characters: of all explanations.
    """

    texts: int = 0
    tokens: int = 0
    counted: int = 0
    characters: int = 0

    @property
    def mean_tokens(self) -> float | None:
        """Of one reply; None where nothing is counted."""
        return self.tokens / self.counted if self.counted else None

    @property
    def mean_characters(self) -> float | None:
        """Of one explanation."""
        return self.characters / self.texts if self.texts else None


@dataclass(frozen=True, slots=True)
class ShownReply:
    """One reply to read.

    Attributes:
        reason: why it is not kept; empty where it is.
    """

    row: int
    id: str
    question: str
    answer: str
    ask: str
    level: str
    turn: int
    text: str
    reason: str = ""


@dataclass(slots=True)
class AnnotationSummary:
    """What became of rows and replies.

    Attributes:
        asked: rows that lacked what is wanted.
        explained: of these, rows that have an explanation now.
        whole: of these, rows that have every level.
        hinted: of these, rows whose answer was shown.
        disagreed: rows with a right try, but too few of them.
        unfinished: rows about which more is to be asked.
        tries: number of the try -> replies to it, and how many were kept.
        choices: how many answers there are to guess among; None where too many.
        right_by_chance: the share of rows that guessing would explain.
        uncounted: replies whose tokens the server does not tell.
    """

    model: str = ""
    rows: int = 0
    written: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    own: int = 0
    asked: int = 0
    explained: int = 0
    whole: int = 0
    hinted: int = 0
    disagreed: int = 0
    unfinished: int = 0
    levels: dict[str, LevelTexts] = field(default_factory=dict)
    asks: dict[str, Share] = field(default_factory=dict)
    tries: dict[int, Share] = field(default_factory=dict)
    labels: dict[str, Share] = field(default_factory=dict)
    other_labels: Share = field(default_factory=Share)
    lengths: dict[int, Share] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    steps: Share = field(default_factory=Share)
    choices: int | None = None
    right_by_chance: float | None = None
    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0
    cost: float | None = None
    kept: list[ShownReply] = field(default_factory=list)
    rejected: list[ShownReply] = field(default_factory=list)

    @property
    def cost_per_row(self) -> float | None:
        """What one explained row has cost, the others included."""
        if self.cost is None or not self.explained:
            return None
        return self.cost / self.explained

    def to_dict(self) -> dict[str, Any]:
        """For a file of JSON."""
        return {**asdict(self), "cost_per_row": self.cost_per_row}


def right_by_chance(choices: int, tries: int, agree: int) -> float:
    """How likely guessing arrives at the answer in so many of so many tries.

    >>> right_by_chance(2, 1, 1), round(right_by_chance(2, 3, 2), 3)
    (0.5, 0.5)
    >>> round(right_by_chance(10, 4, 1), 3)
    0.344
    """
    one = 1 / choices
    return sum(
        comb(tries, right) * one**right * (1 - one) ** (tries - right)
        for right in range(agree, tries + 1)
    )
