"""A share of right answers in words: with its interval, or with its seeds."""

from __future__ import annotations

from collections.abc import Sequence

from axolotl_explain.report.number_format import (
    format_interval,
    format_percent,
    format_share,
)
from axolotl_explain.statistics.mean import Mean


def told(mean: Mean, shares: Sequence[float]) -> str:
    """The share and how sure it is.

    >>> told(Mean(0.92, 0.9, 0.94, False), [0.91, 0.93])
    '92.0\\xa0% (90.0–94.0\\xa0%)'
    >>> told(Mean(0.918, None, None, False), [0.754, 1.0, 1.0])
    '91.8\\xa0% (seeds 75.4, 100.0, 100.0)'

    Args:
        shares: of each seed; printed where the mean has no honest interval.
    """
    return f"{format_percent(mean.share)} ({bounds(mean, shares)})"


def bounds(mean: Mean, shares: Sequence[float]) -> str:
    """The interval, else the seeds."""
    if mean.low is None or mean.high is None:
        return f"seeds {', '.join(map(format_share, sorted(shares)))}"
    return format_interval(mean.low, mean.high)
