"""The drawings: ways to draw the problems of a data set, and what each promises.

A drawing has a number, so that data once published can be drawn again:

1   A length is drawn for each row. Splits share no text; a test problem may be trained
    in another order of its arguments. Where short problems run out, the lengths that
    are left take their place, so that the mix changes along the file.
2   Splits share no problem in any order of its arguments (`owner`), and the lengths are
    dealt evenly over the file (`deal_lengths`). The default.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks.deal_lengths import rows_of_lengths
from axolotl_explain.tasks.owner import apart, share
from axolotl_explain.tasks.task import ProblemCounts, Split, Task, TaskOptions

DRAWINGS = (1, 2)
NEWEST = DRAWINGS[-1]

ROOM = Fraction(9, 10)
"""Of the problems that a length has for a split, so many are asked for at most: the
last ones would take too many draws to find."""


@dataclass(frozen=True, slots=True)
class LengthPlan:
    """What one length contributes to a split.

    Attributes:
        rows: how many rows are wanted of it.
        room: how many it has.
        all_unlike: whether no two rows of the split may be the same up to order.
    """

    rows: int
    room: int
    counts: ProblemCounts
    all_unlike: bool


def check_drawing(number: object) -> None:
    """Check that there is such a drawing.

    Raises:
        ExplainError: if there is none.
    """
    if isinstance(number, bool) or number not in DRAWINGS:
        known = " and ".join(map(str, DRAWINGS))
        raise ExplainError(
            f"--drawing {number}: problems are drawn in the ways {known}; pass one of "
            "these, or leave it out for the newest."
        )


def plan_lengths(
    task: Task[Any], options: TaskOptions, split: Split, rows: int
) -> dict[int, LengthPlan]:
    """Length -> its part in a split, where problems are drawn in the second way.

    Raises:
        ExplainError: if there are too few problems.
    """
    counts = {length: task.count(options, length) for length in options.lengths(split)}
    part = share(split)
    rooms = {length: int(ROOM * part * one.exact) for length, one in counts.items()}
    try:
        wanted = rows_of_lengths(rooms, rows)
    except ValueError:
        option = f"--{split.replace('_', '-')} {rows}"
        raise ExplainError(
            f"{option}: no problem may occur twice, and of the "
            f"{sum(one.exact for one in counts.values()):,} that these options allow, "
            f"{sum(rooms.values()):,} can be drawn for {split} (its share is {part}). "
            "Ask for fewer rows, or raise --max-value or --max-length; --drawing 1 "
            "keeps apart equal texts alone and draws until none is left."
        ) from None
    return {
        length: LengthPlan(
            rows=wanted[length],
            room=rooms[length],
            counts=one,
            all_unlike=split != "train"
            and apart(one)
            and part * one.up_to_order >= 2 * wanted[length],
        )
        for length, one in counts.items()
    }
