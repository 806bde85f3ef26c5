"""Where each key stands in a file, in sixteen bytes a key.

A dictionary would take ten times as much: three million replies fill half a gigabyte.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

LEAST = 1_024
"""Slots to begin with; a power of two, as it stays."""


class KeyIndex:
    """Beginnings of keys -> offsets, by open addressing.

    Two keys may share their beginning: all offsets that may be meant are given, and the
    caller looks which one it is.

    >>> index = KeyIndex()
    >>> index.add("ab" * 32, 120)
    >>> list(index.offsets("ab" * 32)), list(index.offsets("cd" * 32))
    ([120], [])
    """

    def __init__(self) -> None:
        self.beginnings = array("Q", bytes(8 * LEAST))
        self.places = array("Q", bytes(8 * LEAST))
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def add(self, key: str, offset: int) -> None:
        """Note where a key stands."""
        if 3 * (self.count + 1) > 2 * len(self.places):
            self._grow()
        self._put(int(key[:16], 16), offset + 1)
        self.count += 1

    def offsets(self, key: str) -> Iterator[int]:
        """Where a key may stand; nothing for one that was not added."""
        beginning = int(key[:16], 16)
        mask = len(self.places) - 1
        slot = beginning & mask
        while place := self.places[slot]:
            if self.beginnings[slot] == beginning:
                yield place - 1
            slot = (slot + 1) & mask

    def _put(self, beginning: int, place: int) -> None:
        mask = len(self.places) - 1
        slot = beginning & mask
        while self.places[slot]:
            slot = (slot + 1) & mask
        self.beginnings[slot] = beginning
        self.places[slot] = place

    def _grow(self) -> None:
        before = zip(self.beginnings, self.places, strict=True)
        size = 2 * len(self.places)
        self.beginnings = array("Q", bytes(8 * size))
        self.places = array("Q", bytes(8 * size))
        for beginning, place in before:
            if place:
                self._put(beginning, place)
