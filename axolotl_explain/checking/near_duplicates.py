"""Pairs of nearly equal texts among very many, by MinHash.

Broder, *On the resemblance and containment of documents* (SEQUENCES 1997). Compared
are the words of a text in threes, without those that many texts share (an instruction
that every row repeats). Texts with few words of their own are not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from axolotl_explain.checking.shingles import Hashes, Shingles, mix, shingles

SIMILAR = 0.8
"""Share of common shingles, of all that two texts have together."""
FEWEST = 8
"""Shingles of its own that a text needs to be compared."""
BANDS, DEPTH = 8, 4
"""8 bands of 4 minima find 98 % of pairs that have 0.8 in common, all with 0.9."""
COMMON_SHARE, COMMON_LEAST = 0.01, 10
BUCKET_BITS = 22
CHUNK = 5_000

Pairs = np.ndarray[Any, np.dtype[np.int64]]


class NearDuplicateIndex:
    """Collects texts in batches, then finds the pairs."""

    def __init__(self) -> None:
        self._parts: list[Shingles] = []
        self.num_texts = 0

    def add(self, texts: Sequence[str]) -> None:
        """Texts are numbered from 0 in the order they are added."""
        for start in range(0, len(texts), CHUNK):
            part = shingles(texts[start : start + CHUNK])
            self._parts.append(part._replace(rows=part.rows + self.num_texts + start))
        self.num_texts += len(texts)

    def pairs(self) -> Pairs:
        """(earlier, later) of nearly equal texts, shape (pairs, 2).

        Of several texts that are alike, each is paired with the first one only.
        """
        if not self._parts:
            return np.zeros((0, 2), np.int64)
        hashes = np.concatenate([part.hashes for part in self._parts])
        rows = np.concatenate([part.rows for part in self._parts])
        keep = ~_common(hashes, self.num_texts)
        hashes, rows = hashes[keep], rows[keep]
        counts = np.bincount(rows, minlength=self.num_texts)
        keep = counts[rows] >= FEWEST
        hashes, rows = hashes[keep], rows[keep]
        if not len(rows):
            return np.zeros((0, 2), np.int64)
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        candidates = _candidates(_minima(hashes, starts))
        ends = np.append(starts[1:], len(rows))
        alike = [
            (first, second)
            for first, second in candidates
            if _similar(
                hashes[starts[first] : ends[first]],
                hashes[starts[second] : ends[second]],
            )
        ]
        places: Pairs = rows[starts]
        return np.asarray(places[np.array(alike, np.int64).reshape(-1, 2)])


def _common(hashes: Hashes, num_texts: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which shingles very many texts share; counted by a part of their bits."""
    buckets = (hashes >> np.uint64(64 - BUCKET_BITS)).astype(np.int64)
    counts = np.bincount(buckets, minlength=2**BUCKET_BITS)
    by_chance = 4 * len(hashes) / 2**BUCKET_BITS
    limit = max(COMMON_LEAST, COMMON_SHARE * num_texts, by_chance)
    return np.asarray(counts[buckets] > limit)


def _minima(hashes: Hashes, starts: Pairs) -> Hashes:
    """The smallest value of each text by permutation, (BANDS * DEPTH, texts)."""
    draw = np.random.default_rng(0)
    factors = draw.integers(1, 2**63, BANDS * DEPTH, np.uint64) | np.uint64(1)
    minima = np.empty((BANDS * DEPTH, len(starts)), np.uint64)
    for number, factor in enumerate(factors):
        values = hashes * factor
        values ^= values >> np.uint64(32)
        minima[number] = np.minimum.reduceat(values * factor, starts)
    return minima


def _candidates(minima: Hashes) -> Pairs:
    """Pairs of texts whose minima agree in a whole band, each once."""
    found = []
    for band in range(BANDS):
        key = np.zeros(minima.shape[1], np.uint64)
        for values in minima[band * DEPTH : (band + 1) * DEPTH]:
            key = mix(key + values)
        order = np.argsort(key, kind="stable")
        ranked = key[order]
        opens = np.diff(ranked, prepend=~ranked[:1]) != 0
        first = order[opens][np.cumsum(opens) - 1]
        later = ~opens
        found.append(np.stack([first[later], order[later]], axis=1))
    return np.unique(np.concatenate(found), axis=0)


def _similar(one: Hashes, other: Hashes) -> bool:
    """Whether two texts have enough of their shingles in common (Jaccard)."""
    left, right = np.unique(one), np.unique(other)
    both = len(np.intersect1d(left, right, assume_unique=True))
    return both >= SIMILAR * (len(left) + len(right) - both)
