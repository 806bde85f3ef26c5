"""Two arms that have answered the same rows, compared row by row."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.statistics.verdicts import (
    VariancePart,
    Verdicts,
    combined,
    row_part,
)

CONFIDENCE = 0.95

ADDED = (1.0, -1.0)
"""Rows put beside those that were asked, when their spread is taken.

Without them two arms that never differ would seem equal for certain; the same is done
for two models by Bonett and Price.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of right answers of one arm less that of another.

    Attributes:
        estimate: from -1 to 1.
        low, high: the interval, at `confidence`.
        of_seeds, of_rows: parts of the variance of the estimate; `of_seeds` is None
            where each arm has one run, so that nothing is known about other seeds.
        seeds: of the arm that has fewer.
        df: degrees of freedom of `of_seeds`.
        exact_p: of the exact test, where each arm has one run.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    of_seeds: float | None
    of_rows: float
    seeds: int
    rows: int
    df: float
    exact_p: float | None = None

    @property
    def p_value(self) -> float:
        """Two-sided, of no difference."""
        if self.exact_p is not None:
            return self.exact_p
        if self.estimate == 0:
            return 1.0
        tail = self.p_above(0.0)
        return 2 * min(tail, 1 - tail)

    def half_width(self, confidence: float) -> float:
        """Of the interval: each part with its own quantile, put together as squares.

        Wider than a single quantile for the whole where few seeds happen to lie close
        together (MOVER; Zou and Donner, Statistics in Medicine 27, 2008).
        """
        seeds = critical(confidence, self.df) * math.sqrt(self.of_seeds or 0.0)
        return math.hypot(seeds, critical(confidence) * math.sqrt(self.of_rows))

    def p_above(self, bound: float) -> float:
        """One-sided, of a true difference of `bound` at most."""
        gap = self.estimate - bound
        if self.half_width(0.5) == 0:
            return float(gap <= 0)
        tail = (1 - self._confidence_at(abs(gap))) / 2
        return tail if gap > 0 else 1 - tail

    def at(self, confidence: float) -> Difference:
        """The same with the interval of another confidence."""
        half = self.half_width(confidence)
        low, high = self.estimate - half, self.estimate + half
        return replace(
            self, low=max(-1.0, low), high=min(1.0, high), confidence=confidence
        )

    def _confidence_at(self, half: float) -> float:
        """The confidence at which the interval is so wide on either side."""
        most = 1 - 1e-12
        if half >= self.half_width(most):
            return most
        return float(brentq(lambda one: self.half_width(one) - half, 0.0, most))


def critical(confidence: float, df: float = math.inf) -> float:
    """Of a two-sided interval: so many standard errors on either side."""
    if math.isinf(df):
        return NormalDist().inv_cdf((1 + confidence) / 2)
    return float(stats.t.ppf((1 + confidence) / 2, df))


def compare(
    one: Verdicts, other: Verdicts, confidence: float = CONFIDENCE
) -> Difference:
    """How much larger the share of right answers of one arm is.

    With several seeds, the difference of the means over seeds and rows, both of them
    samples; seeds of the two arms are taken as independent (Welch), rows as paired. An
    arm with one run beside one with several is taken to vary as that one does. With
    one run each, the exact test of McNemar and the interval of Bonett and Price
    ("Adjusted Wald confidence interval for a difference of binomial proportions based
    on paired data", 2012), which speak of these two models alone.

    Args:
        one, other: on the same rows, in the same order.

    Raises:
        ExplainError: if they have answered unlike many rows.
    """
    if one.rows != other.rows:
        raise ExplainError(
            f"one arm answered {one.rows} rows and the other {other.rows}; "
            "they are compared row by row, so evaluate both on the same data."
        )
    if _known_seeds(one) == _known_seeds(other) == 0:
        return _of_two_models(one, other, confidence)
    seeds = combined(_seed_parts(one, other))
    twice = sum(arm.rest_part for arm in (one, other) if not arm.fixed)
    apart = np.append(one.of_rows - other.of_rows, ADDED)
    rows = max(0.0, row_part(apart) - twice)
    estimate = one.share - other.share
    found = Difference(
        estimate=estimate,
        low=estimate,
        high=estimate,
        confidence=confidence,
        of_seeds=seeds.variance,
        of_rows=rows,
        seeds=min(arm.seeds for arm in (one, other) if not arm.fixed),
        rows=one.rows,
        df=seeds.df,
    )
    return found.at(confidence)


def _known_seeds(arm: Verdicts) -> int:
    """Runs that tell how far seeds lie apart."""
    return 0 if arm.fixed or arm.seeds == 1 else arm.seeds


def _seed_parts(one: Verdicts, other: Verdicts) -> list[VariancePart]:
    parts = []
    for arm, beside in ((one, other), (other, one)):
        if not arm.fixed and arm.seeds == 1:
            variance, df = beside.seed_part
            parts.append(VariancePart(variance * beside.seeds, df))
        else:
            parts.append(arm.seed_part)
    return parts


def _of_two_models(one: Verdicts, other: Verdicts, confidence: float) -> Difference:
    first, second = one.right[0], other.right[0]
    gained = int(((first == 1) & (second == 0)).sum())
    lost = int(((first == 0) & (second == 1)).sum())
    rows = one.rows
    apart = gained + lost
    test = stats.binomtest(gained, apart).pvalue if apart else 1.0
    more, less = (gained + 1) / (rows + 2), (lost + 1) / (rows + 2)
    variance = (more + less - (more - less) ** 2) / (rows + 2)
    half = critical(confidence, math.inf) * math.sqrt(variance)
    return Difference(
        estimate=(gained - lost) / rows,
        low=max(-1.0, more - less - half),
        high=min(1.0, more - less + half),
        confidence=confidence,
        of_seeds=None,
        of_rows=variance,
        seeds=1,
        rows=rows,
        df=math.inf,
        exact_p=float(test),
    )


def holm(p_values: list[float]) -> list[float]:
    """Adjusted for testing several at once (Holm, Scand. J. Statist. 6, 1979).

    >>> [round(one, 3) for one in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values)
    adjusted = [0.0] * len(p_values)
    most = 0.0
    for place, index in enumerate(order):
        most = max(most, (len(p_values) - place) * p_values[index])
        adjusted[index] = min(1.0, most)
    return adjusted
