"""The verdicts of one arm: which of its runs answered which row right.

Runs of an arm differ in their seed alone and answer the same rows. So seeds and rows
are crossed, and both are samples: another seed gives other weights, another test file
other rows. The variance of a mean over S seeds and R rows has a part of each,

    Var = σ²_seeds / S + σ²_rows / R + σ²_rest / (S R)

which is the usual decomposition of a two-way crossed design with random effects
(Searle, Casella and McCulloch, Variance Components, 1992, chapter 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolotl_explain.core.errors import ExplainError


class VariancePart(NamedTuple):
    """A part of the variance of a mean, and the degrees of freedom of its estimate."""

    variance: float
    df: float


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Right or wrong, of every run on every row.

    Attributes:
        right: array of shape (seeds, rows), of 0 and 1.
        fixed: whether there is no other seed that it could have been: a model that was
            not trained, asked greedily.
    """

    right: NDArray[np.float64]
    fixed: bool = False

    @classmethod
    def of(cls, runs: Sequence[Sequence[bool]], fixed: bool = False) -> Verdicts:
        """From the verdicts of each run, in the order of the same rows.

        Raises:
            ExplainError: if there are none, or runs have answered unlike many rows.
        """
        sizes = {len(run) for run in runs}
        if len(sizes) != 1 or 0 in sizes:
            counts = ", ".join(map(str, sorted(sizes))) or "no"
            raise ExplainError(
                f"runs of one arm answered {counts} rows; they are compared row by "
                "row, so evaluate all of them on the same data with the same limit."
            )
        return cls(np.asarray(runs, dtype=np.float64), fixed)

    @classmethod
    def of_counts(cls, right: Sequence[int], rows: int) -> Verdicts:
        """As if every run had answered the same rows right, as far as counts allow.

        For the interval of a mean whose verdicts are not known: no other verdicts with
        these counts give a wider one. Not for comparisons of arms.
        """
        runs = [[at < count for at in range(rows)] for count in right]
        return cls.of(runs)

    @property
    def seeds(self) -> int:
        """How many runs."""
        return int(self.right.shape[0])

    @property
    def rows(self) -> int:
        """How many rows each of them has answered."""
        return int(self.right.shape[1])

    @property
    def share(self) -> float:
        """Of right answers, over all runs."""
        return float(self.right.mean())

    @property
    def of_seeds(self) -> NDArray[np.float64]:
        """The share of right answers of each run."""
        shares: NDArray[np.float64] = self.right.mean(axis=1)
        return shares

    @property
    def of_rows(self) -> NDArray[np.float64]:
        """The share of runs that answer a row right, for each row."""
        shares: NDArray[np.float64] = self.right.mean(axis=0)
        return shares

    @property
    def seed_part(self) -> VariancePart:
        """Of the mean over seeds, with these rows; 0 where it is fixed or has one."""
        if self.fixed or self.seeds == 1:
            return VariancePart(0.0, float("inf"))
        spread = float(self.of_seeds.var(ddof=1))
        return VariancePart(spread / self.seeds, self.seeds - 1)

    @property
    def rest_part(self) -> float:
        """What both parts hold: verdicts that neither seed nor row explains."""
        if self.seeds == 1 or self.rows == 1:
            return 0.0
        rest = self.right - self.of_seeds[:, None] - self.of_rows[None, :] + self.share
        free = (self.seeds - 1) * (self.rows - 1)
        return float((rest**2).sum()) / free / (self.seeds * self.rows)


def row_part(difference: NDArray[np.float64]) -> float:
    """Variance of the mean of a value that each row has, over rows."""
    rows = difference.shape[0]
    return float(difference.var(ddof=1)) / rows if rows > 1 else 0.25


def combined(parts: Sequence[VariancePart]) -> VariancePart:
    """The sum of independent parts, with Welch's degrees of freedom."""
    whole = sum(part.variance for part in parts)
    if whole == 0:
        return VariancePart(0.0, float("inf"))
    df = whole**2 / sum(part.variance**2 / part.df for part in parts if part.variance)
    return VariancePart(whole, df)
