"""A difference of two arms in words: how large, how sure, what more it takes."""

from __future__ import annotations

from axolotl_explain.report.number_format import NBSP
from axolotl_explain.statistics.levels import ALPHA
from axolotl_explain.statistics.paired import Difference
from axolotl_explain.statistics.planning import Needed, needed


def points(share: float) -> str:
    """A difference of shares in percentage points, with its sign.

    >>> points(0.304), points(-0.02), points(0.0)
    ('+30.4', '−2.0', '0.0')
    """
    rounded = round(100 * share, 1)
    if rounded == 0:
        return "0.0"
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):.1f}"


def with_interval(found: Difference) -> str:
    """The difference with its 95 % interval.

    >>> from axolotl_explain.statistics.verdicts import Verdicts
    >>> from axolotl_explain.statistics.paired import compare
    >>> arms = [Verdicts.of([[at < count for at in range(40)]]) for count in (30, 10)]
    >>> with_interval(compare(*arms))
    '+50.0\\xa0points (+31.1 to +64.1)'
    """
    low, high = points(found.low), points(found.high)
    return f"{points(found.estimate)}{NBSP}points ({low} to {high})"


def p_words(p_value: float) -> str:
    """As papers write it.

    >>> p_words(0.0004), p_words(0.0312)
    ('p < 0.001', 'p = 0.031')
    """
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def needed_words(more: Needed | None) -> str:
    """What would decide, as the end of a sentence that begins with "it takes".

    >>> needed_words(Needed(9, 4000))
    'about 9 seeds of each on these rows, or about 4,000 rows with these seeds'
    >>> needed_words(Needed(None, None, (12, 1840)))
    'about 12 seeds of each with about 1,900 rows'
    >>> needed_words(Needed(None, None))
    'more seeds and rows than can be told from these'
    """
    told = []
    if more is not None and more.seeds is not None:
        told.append(f"about {more.seeds:,} seeds of each on these rows")
    if more is not None and more.rows is not None:
        told.append(f"about {_rounded(more.rows):,} rows with these seeds")
    if more is not None and more.both is not None:
        seeds, rows = more.both
        told.append(f"about {seeds:,} seeds of each with about {_rounded(rows):,} rows")
    return ", or ".join(told) or "more seeds and rows than can be told from these"


def undecided(found: Difference, margin: float, comparisons: int) -> str:
    """What it takes to tell this difference from none, or that it is below the margin.

    Args:
        comparisons: that share the 5 % of error.
    """
    if found.of_seeds is None:
        return (
            "Undecided: with one run of each, nothing tells the training from the luck "
            "of its seed; it takes 3 seeds at least."
        )
    size = abs(found.estimate)
    more = needed(found, max(size, margin - size), ALPHA / comparisons)
    return f"Undecided: it takes {needed_words(more)}."


def _rounded(count: int) -> int:
    """Two digits of it: more would claim more than is known."""
    digits = max(0, len(str(count)) - 2)
    return int(-(-count // 10**digits) * 10**digits)
