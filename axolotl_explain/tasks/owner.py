"""Which split a problem belongs to, up to the order of its arguments.

A hash of the seed and of what is the same for all orders of a problem (`Task.key`) says
whose it is: a tenth of all problems are test problems, a twentieth validation ones, the
rest may be trained. So no two splits share a problem in any order, whatever their
sizes, on every machine, and with nothing to remember; files that are generated apart
from each other, with the same seed, do not either. And the problems of every split are
a fair sample: none is kept out of training because it is frequent.

Where a length has few problems up to order (of two addends from 0 to 3 there are ten),
a tenth of them is too few to test on. There the text itself is hashed instead, so that
splits share no text, but may share a problem in another order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from axolotl_explain.tasks.task import ProblemCounts, Split, Task

SHARES: dict[Split, Fraction] = {
    "test": Fraction(1, 10),
    "validation": Fraction(1, 20),
    "train": Fraction(17, 20),
}
"""The part of all problems that belongs to a split. Those of test_long are all its own:
no other split has problems of their lengths."""

ENOUGH = 50
"""With so many problems up to order, validation can expect to get two or three."""


def share(split: Split) -> Fraction:
    """The part of the problems of its lengths that belongs to a split."""
    return SHARES.get(split, Fraction(1))


def apart(counts: ProblemCounts) -> bool:
    """Whether problems of a length are kept apart up to the order of arguments."""
    return counts.up_to_order >= ENOUGH


def identity(task: Task[Any], counts: ProblemCounts) -> Callable[[Any], str]:
    """What is hashed of the problems of a length."""
    return task.key if apart(counts) else task.text


def owner(seed: int, task: str, identified: str) -> Split:
    """The split, other than test_long, that a problem belongs to.

    >>> owner(0, "modular_sum", "1 + 2 + 9")
    'train'
    """
    text = f"owner:{task}:{seed}:{identified}"
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    place = Fraction(int.from_bytes(digest, "big"), 1 << 64)
    for split, part in SHARES.items():
        if place < part:
            return split
        place -= part
    raise AssertionError("the shares do not add up to 1")
