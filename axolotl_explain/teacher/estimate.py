"""What all rows will take, from the first replies."""

from __future__ import annotations

from dataclasses import dataclass

from axolotl_explain.teacher.annotate import Annotation
from axolotl_explain.teacher.ask_rows import AskingProgress

LEAST_SHARE = 0.02
"""Of right replies; a smaller share of a few replies says little."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a whole run."""

    replies: int
    tokens: int
    cost: float | None
    seconds: float


def estimated(
    what: Annotation, rows: int, progress: AskingProgress, seconds: float
) -> Estimate:
    """What so many rows take, if replies go on as they have begun.

    Args:
        rows: to be explained.
        seconds: since the first request.
    """
    rules = what.rules
    right = max(LEAST_SHARE, progress.kept / progress.replies)
    needed = len(rules.levels) - 1 + max(rules.agree, rules.keep)
    a_row = min(needed * tries_needed(right, rules.tries), _most(what))
    replies = max(progress.replies, round(rows * a_row))
    scale = replies / progress.replies
    cost = round(progress.run_cost * scale, 6) if what.limits.prices.known else None
    tokens = round(progress.run_tokens * scale)
    return Estimate(replies, tokens, cost, seconds * scale)


def tries_needed(right: float, tries: int) -> float:
    """Tries until one is right, which end after so many.

    >>> tries_needed(1.0, 4), tries_needed(0.5, 2)
    (1.0, 1.5)
    """
    return (1 - (1 - right) ** tries) / right


def _most(what: Annotation) -> float:
    rules = what.rules
    return float(len(rules.levels) * rules.tries + (rules.tries if rules.hint else 0))
