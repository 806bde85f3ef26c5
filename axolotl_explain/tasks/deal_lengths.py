"""The lengths of a split's rows: the same mix in every part of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from axolotl_explain.tasks.random_stream import random_stream


def rows_of_lengths(rooms: Mapping[int, int], rows: int) -> dict[int, int]:
    """Length -> how many of so many rows have it: as equal as there is room.

    Args:
        rooms: length -> how many different problems it has for the split.

    >>> rows_of_lengths({4: 10, 5: 100, 6: 100}, rows=90)
    {4: 10, 5: 40, 6: 40}

    Raises:
        ValueError: if there is too little room altogether.
    """
    if sum(rooms.values()) < rows:
        raise ValueError("too little room")
    low, high = 0, rows
    while low < high:
        middle = (low + high) // 2
        if sum(min(room, middle) for room in rooms.values()) < rows:
            low = middle + 1
        else:
            high = middle
    return {length: min(room, low) for length, room in rooms.items()}


def deal_lengths(wanted: Mapping[int, int], *names: object) -> Iterator[int]:
    """Lengths without end, in rounds of which each is shuffled by itself.

    A round has every length once; one of which fewer rows are wanted is left out of
    some, evenly. So two parts of a file differ in no length by more than a row or two,
    and the beginning of a file is a smaller file.

    Args:
        names: of the stream that rounds are shuffled by.

    >>> from itertools import islice
    >>> list(islice(deal_lengths({4: 1, 5: 2, 6: 2}, "x"), 5))
    [6, 5, 6, 4, 5]
    """
    rounds = max(wanted.values())
    for number in count():
        lengths = [
            length
            for length, rows in wanted.items()
            if (number + 1) * rows // rounds > number * rows // rounds
        ]
        random_stream("lengths", *names, number).shuffle(lengths)
        yield from lengths
