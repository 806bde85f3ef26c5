"""Seeded draws that read nothing but their arguments.

A draw is the same on every machine, in any order of rows and in any number of
processes. Streams are told apart by name, never by a number added to the seed.
"""

from __future__ import annotations

import hashlib

Place = int | str


def number(seed: int, stream: str, *key: Place) -> int:
    """64 random bits: BLAKE2b over `seed:stream:key…`."""
    name = ":".join(str(part) for part in (seed, stream, *key))
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def uniform(seed: int, stream: str, *key: Place) -> float:
    """A uniform number in [0, 1), of 53 bits.

    >>> uniform(0, "level", "m-17") < 0.25
    True
    """
    return (number(seed, stream, *key) >> 11) / 2**53
