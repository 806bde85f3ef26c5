"""Which lengths ListOps problems can have, given their depth and arguments.

Every operator takes at least two arguments, so the shortest problem, `[MAX 1 2 ]`, has
length 4. Not every length above can be had: with at most two arguments, only 4, 7, 10,
13, …
"""

from __future__ import annotations

from functools import lru_cache

SHORTEST = 4
Sums = tuple[int, ...]
"""Bit n of `sums[m]` is set where m lists together can have n tokens."""


@lru_cache(maxsize=16)
def sums_by_depth(max_depth: int, max_args: int, longest: int) -> tuple[Sums, ...]:
    """Entry d: the sums that lists nested at most d deep can have, up to `longest`.

    There are fewer than `max_depth` + 1 entries where deeper lists reach nothing new;
    the last entry then stands for all that would follow.
    """
    mask = (1 << (longest + 1)) - 1
    table: list[Sums] = [(1, *([0] * max_args))]
    for _ in range(max_depth):
        below = table[-1]
        lists = 0
        for args in range(2, max_args + 1):
            for nested in range(args + 1):
                lists |= below[nested] << (2 + args - nested)
        lists &= mask
        if lists == below[1]:
            break
        sums = [1]
        for _ in range(max_args):
            sums.append(_sumset(sums[-1], lists) & mask)
        table.append(tuple(sums))
    return tuple(table)


def greatest_length(max_depth: int, max_args: int, enough: int) -> int:
    """The length of the fullest problem, or any value of at least `enough`.

    >>> greatest_length(max_depth=1, max_args=10, enough=50)
    12
    """
    length = 1
    for _ in range(max_depth):
        if length >= enough:
            break
        length = 2 + max_args * length
    return length


def has(bits: int, number: int) -> bool:
    """Whether a number is in a set kept as bits."""
    return number >= 0 and bits >> number & 1 == 1


def members(bits: int) -> list[int]:
    """The numbers in a set kept as bits, ascending.

    >>> members(0b10010)
    [1, 4]
    """
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def _sumset(left: int, right: int) -> int:
    """All sums of a number of the one set and a number of the other."""
    sums = 0
    for number in members(left):
        sums |= right << number
    return sums
