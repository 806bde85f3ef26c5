"""The share of right answers of one arm, with its interval."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

from axolotl_explain.statistics.paired import CONFIDENCE, critical
from axolotl_explain.statistics.verdicts import VariancePart, Verdicts, row_part

ADDED = (0.0, 0.0, 1.0, 1.0)
"""Rows put beside those that were asked, when their spread is taken.

Without them a model that answers every row right would seem to do so for certain
(Agresti and Coull, "Approximate is better than exact", 1998).
"""


class Mean(NamedTuple):
    """A share with its interval.

    Attributes:
        low, high: None where no interval is honest: the seeds lie so far apart that the
            interval of a normal distribution would leave the range from 0 to 1.
        of_one_model: whether it speaks of one trained model alone, not of its recipe.
    """

    share: float
    low: float | None
    high: float | None
    of_one_model: bool


def mean_of(arm: Verdicts, confidence: float = CONFIDENCE) -> Mean:
    """The mean over seeds and rows, both of them samples; Wilson's for a single run.

    Args:
        arm: with one run, the interval is that of Wilson (JASA 22, 1927).
    """
    if arm.fixed or arm.seeds == 1:
        right = round(arm.share * arm.rows)
        low, high = stats.binomtest(right, arm.rows).proportion_ci(
            confidence, method="wilson"
        )
        return Mean(arm.share, float(low), float(high), not arm.fixed)
    rows = max(0.0, row_part(np.append(arm.of_rows, ADDED)) - arm.rest_part)
    return _interval(arm.share, arm.seed_part, rows, confidence)


def _interval(
    share: float, seeds: VariancePart, of_rows: float, confidence: float
) -> Mean:
    half = math.hypot(
        critical(confidence, seeds.df) * math.sqrt(seeds.variance),
        critical(confidence) * math.sqrt(of_rows),
    )
    low, high = share - half, share + half
    if (low < 0 or high > 1) and seeds.variance > of_rows:
        return Mean(share, None, None, False)
    return Mean(share, max(0.0, low), min(1.0, high), False)
