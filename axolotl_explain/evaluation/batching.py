"""Which prompts are completed at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axolotl_explain.recipe.evaluation_options import BATCH_TOKENS

BATCH_SIZE = 64
HEADROOM = 1.25
"""How much longer than the longest target a completion may grow."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How large a batch may grow; one prompt is always allowed.

    Attributes:
        size: prompts.
        tokens: (longest prompt + tokens that may follow) x prompts.
    """

    size: int = BATCH_SIZE
    tokens: int = BATCH_TOKENS

    def most(self, width: int) -> int:
        """How many prompts go together, where each takes this many tokens."""
        return max(1, min(self.size, self.tokens // max(1, width)))


def plan_batches(
    num_prompt_tokens: Sequence[int], budget: int, limits: BatchLimits
) -> list[list[int]]:
    """Places of prompts, batch by batch: a function of these arguments alone.

    Longest first, so that a batch holds little padding and one that does not fit into
    memory shows at the start.

    >>> plan_batches([3, 9, 4], budget=6, limits=BatchLimits(tokens=30))
    [[1, 2], [0]]
    """
    order = sorted(
        range(len(num_prompt_tokens)), key=lambda at: (-num_prompt_tokens[at], at)
    )
    batches: list[list[int]] = []
    while order:
        most = limits.most(num_prompt_tokens[order[0]] + budget)
        batches.append(order[:most])
        order = order[most:]
    return batches
