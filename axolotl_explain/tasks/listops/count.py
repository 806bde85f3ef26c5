"""How many ListOps problems of a length there are, as texts and up to order.

With d the depth, v the numbers and o the operators that options allow, let c(1) = v and
c(n) be the lists of n tokens nested at most d - 1 deep. A list of n tokens takes one of
o operators and 2 to max_args arguments that have n - 2 tokens together: as texts these
are sequences, up to order multisets (recursively, since c is counted up to order then).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb

from axolotl_explain.tasks.listops.listops_options import ListOpsOptions
from axolotl_explain.tasks.task import ProblemCounts

COUNTED = 40
"""Longer problems are taken for plenty; counting them would take seconds."""
PLENTY = 10**12

Arguments = Callable[[list[int], int], list[list[int]]]
"""(kinds of arguments by size, most arguments) -> choices[arguments][size]."""


def count(options: ListOpsOptions, length: int) -> ProblemCounts:
    """Exact up to `COUNTED` tokens, and `PLENTY` beyond."""
    if length > COUNTED:
        return ProblemCounts(PLENTY, PLENTY)
    shape = (options.max_depth, options.max_args)
    kinds = (options.max_value + 1, len(options.operators))
    return ProblemCounts(
        _lists(*shape, *kinds, sequences)[length],
        _lists(*shape, *kinds, multisets)[length],
    )


@lru_cache(maxsize=32)
def _lists(
    max_depth: int, max_args: int, numbers: int, operators: int, arguments: Arguments
) -> list[int]:
    """Entry n: how many lists of n tokens there are."""
    lists = [0] * (COUNTED + 1)
    for _ in range(max_depth):
        kinds = [0, numbers, *lists[2:]]
        table = arguments(kinds, min(max_args, COUNTED))
        deeper = [0, 0] + [
            operators * sum(row[size] for row in table[2:])
            for size in range(COUNTED - 1)
        ]
        if deeper == lists:
            break
        lists = deeper
    return lists


def sequences(kinds: list[int], most: int) -> list[list[int]]:
    """Arguments in a fixed order.

    >>> sequences([0, 3], most=2)[2][2]
    9
    """
    table = [[1] + [0] * COUNTED]
    for _ in range(most):
        row = [0] * (COUNTED + 1)
        for before, ways in enumerate(table[-1]):
            if ways:
                for size, kind in enumerate(kinds[: COUNTED + 1 - before]):
                    row[before + size] += ways * kind
        table.append(row)
    return table


def multisets(kinds: list[int], most: int) -> list[list[int]]:
    """Arguments in any order.

    >>> multisets([0, 3], most=2)[2][2]
    6
    """
    table = [[1] + [0] * COUNTED] + [[0] * (COUNTED + 1) for _ in range(most)]
    for size, kind in enumerate(kinds):
        if not kind:
            continue
        # From the most arguments down, so that what is read is of smaller sizes alone.
        for args in range(most, 0, -1):
            for copies in range(1, min(args, COUNTED // size) + 1):
                ways = comb(kind + copies - 1, copies)
                before, after = table[args - copies], table[args]
                for total in range(copies * size, COUNTED + 1):
                    after[total] += ways * before[total - copies * size]
    return table
