"""A seeded derangement: every item of a dataset gets the text of another item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from axolotl_explain.core.draws import number


def derange(texts: Sequence[int], seed: int, stream: str) -> list[int]:
    """For each place the place whose text it gets; its own where all are equal.

    Items stand in a random order in which those of the same text are neighbours, and
    each gets the text that stands further on by the size of the largest such group.
    That is never its own text, and each text is given once, as long as no text fills
    more than half of the places; where one does, the others are given to it in turn,
    again and again, and it to them.

    Args:
        texts: a digest of each item's text; equal texts have equal digests.

    >>> derange([7, 8, 9], seed=0, stream="pairs")
    [2, 0, 1]
    """
    counts = Counter(texts)
    size = len(texts)
    if len(counts) < 2:
        return list(range(size))
    group = {text: number(seed, stream, "text", text) for text in counts}
    order = sorted(
        range(size),
        key=lambda at: (group[texts[at]], texts[at], number(seed, stream, "place", at)),
    )
    most, largest = counts.most_common(1)[0]
    donors = [0] * size
    if 2 * largest <= size:
        for rank, at in enumerate(order):
            donors[at] = order[(rank + largest) % size]
        return donors
    own = [at for at in order if texts[at] == most]
    others = [at for at in order if texts[at] != most]
    for rank, at in enumerate(own):
        donors[at] = others[rank % len(others)]
    for rank, at in enumerate(others):
        donors[at] = own[rank]
    return donors
