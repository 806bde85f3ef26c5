"""Draw a ListOps problem of an exact length.

1. A bound on the depth is uniform from the least depth that allows the length up to
   max_depth, so that flat and deep problems both occur at every length.
2. From the outside in, each list gets a number of arguments and a number of lists among
   them, each uniform among what the length left over allows; then that length is dealt
   out to those lists at random, and all arguments are put in random order. Tables of
   attainable sums (`reach`) keep every draw on a way that ends at the exact length.
3. Operators and numbers are uniform.
"""

from __future__ import annotations

from random import Random

from axolotl_explain.tasks.listops.expression import Tokens
from axolotl_explain.tasks.listops.listops_options import ListOpsOptions
from axolotl_explain.tasks.listops.reach import Sums, has, members

CLOSE = 0
"""Stands for `]` among the sizes of what is still to be written."""


def draw(options: ListOpsOptions, length: int, rng: Random) -> Tokens:
    """A problem of this length; all randomness comes from `rng`."""
    table = options.sums()
    bound = rng.choice(
        [
            depth
            for depth in range(1, options.max_depth + 1)
            if has(_sums(table, depth)[1], length)
        ]
    )
    tokens: list[str] = []
    to_write = [(length, bound)]
    while to_write:
        size, depth = to_write.pop()
        if size == CLOSE:
            tokens.append("]")
        elif size == 1:
            tokens.append(str(rng.randint(0, options.max_value)))
        else:
            tokens.append(f"[{rng.choice(options.operators)}")
            sizes = _arguments(size, _sums(table, depth - 1), options.max_args, rng)
            to_write.append((CLOSE, 0))
            to_write.extend((argument, depth - 1) for argument in sizes)
    return tuple(tokens)


def _sums(table: tuple[Sums, ...], depth: int) -> Sums:
    return table[min(depth, len(table) - 1)]


def _arguments(size: int, below: Sums, max_args: int, rng: Random) -> list[int]:
    """The sizes of a list's arguments, in random order; 1 is a number."""
    inside = size - 2
    choices: dict[int, list[int]] = {}
    for args in range(2, max_args + 1):
        for nested in range(args + 1):
            if has(below[nested], inside - (args - nested)):
                choices.setdefault(args, []).append(nested)
    args = rng.choice(list(choices))
    nested = rng.choice(choices[args])
    sizes = [1] * (args - nested)
    rest = inside - len(sizes)
    for left in range(nested, 0, -1):
        possible = members(below[1] & ((2 << rest) - 1))
        fitting = [n for n in possible if has(below[left - 1], rest - n)]
        sizes.append(rng.choice(fitting))
        rest -= sizes[-1]
    rng.shuffle(sizes)
    return sizes
