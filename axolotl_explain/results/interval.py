"""How sure a share of right answers is."""

from __future__ import annotations

import math

Interval = tuple[float, float]
"""The lower and the upper bound."""


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> Interval:
    """The 95 % interval of a share (Wilson, JASA 22, 1927), in [0, 1].

    >>> tuple(round(bound, 3) for bound in wilson_interval(8, 10))
    (0.49, 0.943)

    Raises:
        ValueError: if there are no trials or more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes in {trials} trials")
    share = successes / trials
    scale = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / scale
    spread = share * (1 - share) / trials + z * z / (4 * trials * trials)
    half = z * math.sqrt(spread) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
