"""Verdicts of runs that never ran, of arms whose true accuracy is known."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from axolotl_explain.statistics.verdicts import Verdicts

OWN = 0.7
"""How far the difficulty of a row differs between arms."""

NORMAL = np.vectorize(NormalDist().inv_cdf, otypes=[float])


def hardness(draw: np.random.Generator, rows: int) -> NDArray[np.float64]:
    """What the rows have in common for all arms."""
    return draw.standard_normal(rows)


def arm(
    draw: np.random.Generator,
    share: float,
    deviation: float,
    seeds: int,
    hard: NDArray[np.float64],
) -> Verdicts:
    """Runs whose own accuracy is normal around a share; rows are unlike hard."""
    rows = hard.shape[0]
    of_seeds = np.clip(share + deviation * draw.standard_normal(seeds), 1e-3, 1 - 1e-3)
    of_rows = hard + OWN * draw.standard_normal(rows)
    scale = math.sqrt(2 + OWN**2)
    bound = NORMAL(of_seeds)[:, None] * scale + of_rows[None, :]
    return Verdicts((draw.standard_normal((seeds, rows)) < bound).astype(np.float64))
