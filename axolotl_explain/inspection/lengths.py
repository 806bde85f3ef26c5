"""Lengths in tokens, per level: a histogram and what is usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.inspection.data import Data

MOST_BINS = 12
UNKNOWN = "unknown"
"""Stands for the level of rows that cannot be traced to a file."""


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one level, or of one type that has no levels.

    Attributes:
        sizes: of each row, in tokens.
        counts: rows in each bin.
        num_trained: tokens that the loss reads.
        num_too_long: rows that were dropped because they exceed sequence_len.
    """

    name: str
    sizes: Sequence[int]
    counts: Sequence[int]
    num_trained: int
    num_too_long: int

    @property
    def median(self) -> int | None:
        """Half of the rows have at most so many tokens; None without rows."""
        return median_low(self.sizes) if self.sizes else None

    @property
    def longest(self) -> int | None:
        """Of all rows; None without rows."""
        return max(self.sizes, default=None)

    @property
    def share_trained(self) -> float | None:
        """Of all tokens, those that the loss reads; None without rows."""
        return self.num_trained / sum(self.sizes) if self.sizes else None


@dataclass(frozen=True, slots=True)
class Lengths:
    """All rows by length; bin i holds `edges[i]` up to, without, `edges[i + 1]`."""

    edges: Sequence[int]
    groups: Sequence[Group]
    sequence_len: int | None
    """What a row may have; None where source and target have limits of their own."""

    @property
    def longest(self) -> int:
        """Of all rows, in tokens."""
        return max(group.longest or 0 for group in self.groups)

    @property
    def width(self) -> int:
        """Of each bin, in tokens."""
        return self.edges[1] - self.edges[0]

    @property
    def bins(self) -> list[tuple[int, int]]:
        """The first and the last length that each bin holds."""
        pairs = zip(self.edges[:-1], self.edges[1:], strict=True)
        return [(low, high - 1) for low, high in pairs]


def lengths_of(data: Data) -> Lengths:
    """Lengths of all prepared rows of a split."""
    too_long = _too_long(data)
    members: dict[str, list[int]] = {name: [] for name in too_long}
    for place in range(len(data.contents.digests)):
        members.setdefault(group_of(data, place), []).append(place)
    sizes, trained = data.contents.num_tokens, data.num_read
    edges = bin_edges(int(sizes.min()), int(sizes.max()))
    groups = []
    for name in sorted(members, key=_rank):
        own = sizes[members[name]].tolist()
        num_trained = int(trained[members[name]].sum())
        counts = count_bins(own, edges)
        groups.append(Group(name, own, counts, num_trained, too_long[name]))
    limit = None if data.apart else data.sequence_len
    return Lengths(edges, groups, limit)


def _too_long(data: Data) -> Counter[str]:
    """Group -> rows that exceed sequence_len and are not trained on."""
    found: Counter[str] = Counter()
    for source in data.sources:
        if source.watched is None:
            if data.cfg.excess_length_strategy != "truncate":
                long = (source.contents.num_tokens > data.sequence_len).sum()
                found[source.kind] += int(long)
            continue
        found.update(
            str(one.level)
            for one in source.watched.dropped
            if one.outcome & (Outcome.TOO_LONG | Outcome.TARGET_TOO_LONG)
        )
    return found


def group_of(data: Data, place: int) -> str:
    """The level of a prepared row, or its type; both, where several rows are equal."""
    groups = dict.fromkeys(origin.group for origin in data.origins(place))
    return " or ".join(groups) or UNKNOWN


def bin_edges(low: int, high: int) -> list[int]:
    """Round edges of at most MOST_BINS bins that hold all of low to high.

    >>> bin_edges(37, 93)
    [35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95]
    """
    steps = (unit * 10**power for power in range(9) for unit in (1, 2, 5))
    step = next(one for one in steps if high // one - low // one < MOST_BINS)
    return [step * number for number in range(low // step, high // step + 2)]


def count_bins(sizes: Sequence[int], edges: Sequence[int]) -> list[int]:
    """How many sizes lie in each bin."""
    step = edges[1] - edges[0]
    counts = [0] * (len(edges) - 1)
    for size in sizes:
        counts[(size - edges[0]) // step] += 1
    return counts


def _rank(name: str) -> tuple[int, str]:
    order: tuple[str, ...] = LEVELS
    first = name.partition(" or ")[0]
    return (order.index(first) if first in order else len(order), name)
