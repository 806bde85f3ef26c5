"""Draw the problems of all splits, each problem only once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.tasks.dataset_plan import DatasetPlan
from axolotl_explain.tasks.deal_lengths import deal_lengths
from axolotl_explain.tasks.drawing import LengthPlan, plan_lengths
from axolotl_explain.tasks.owner import identity, owner
from axolotl_explain.tasks.random_stream import random_stream
from axolotl_explain.tasks.task import OptionsT, Split

ATTEMPTS = 1000
"""So many known problems in a row mean that hardly any new ones are left."""
MORE_ATTEMPTS = 5 * ATTEMPTS
"""The same where only a twentieth of the problems may be taken."""


def draw_splits(
    plan: DatasetPlan[OptionsT],
) -> Iterator[tuple[Split, Iterator[Example]]]:
    """The splits in the order of `ORDER`; each must be read before the next one.

    Raises:
        ExplainError: while drawing, where too few different problems exist.
    """
    seen: set[bytes] = set()
    for split, size in plan.sizes.wanted().items():
        if plan.drawing == 1:
            yield split, _draw_in_turn(plan, split, size, seen)
        else:
            yield split, SplitDrawing(plan, split, size).examples()


def _draw_in_turn(
    plan: DatasetPlan[OptionsT], split: Split, size: int, seen: set[bytes]
) -> Iterator[Example]:
    """Drawing 1: an item is the first attempt at its place (seed, split, index) whose
    text has not occurred before, in whatever split."""
    for index in range(size):
        for attempt in range(ATTEMPTS):
            example = plan.task.problem(plan.options, plan.seed, split, index, attempt)
            digest = _digest(example.input)
            if digest not in seen:
                seen.add(digest)
                yield example
                break
        else:
            raise _too_few(split, size, index, ATTEMPTS)


class SplitDrawing:
    """Drawing 2 of one split: each row has the length that is dealt to it, and is the
    first problem drawn at its place that belongs to the split and is new there."""

    def __init__(self, plan: DatasetPlan[Any], split: Split, size: int) -> None:
        self._plan, self._split, self._size = plan, split, size
        self._lengths = plan_lengths(plan.task, plan.options, split, size)
        self._seen: set[bytes] = set()

    def examples(self) -> Iterator[Example]:
        """The rows in order.

        Raises:
            ExplainError: if hardly any problem is left of any length.
        """
        plan, split = self._plan, self._split
        wanted = {length: one.rows for length, one in self._lengths.items()}
        dealt = deal_lengths(wanted, plan.task.name, plan.seed, split)
        exhausted: set[int] = set()
        for index in range(self._size):
            names = (plan.task.name, "drawing 2", plan.seed, split, index)
            rng = random_stream(*names)
            problem = None
            while problem is None:
                if len(exhausted) == sum(rows > 0 for rows in wanted.values()):
                    raise _too_few(split, self._size, index, MORE_ATTEMPTS)
                length = next(length for length in dealt if length not in exhausted)
                problem = self._new_problem(length, rng)
                if problem is None:
                    exhausted.add(length)
            modulus = plan.options.modulus
            yield plan.task.as_example(problem, modulus, plan.task.id_of(split, index))

    def _new_problem(self, length: int, rng: Random) -> Any | None:
        """A problem that may stand here; None where hardly any is left."""
        plan, task = self._lengths[length], self._plan.task
        identified = identity(task, plan.counts)
        for _ in range(MORE_ATTEMPTS):
            problem = task.draw(self._plan.options, length, rng)
            if self._is_own(identified(problem)) and self._is_new(problem, plan):
                return problem
        return None

    def _is_own(self, identified: str) -> bool:
        if self._split == "test_long":
            return True
        return owner(self._plan.seed, self._plan.task.name, identified) == self._split

    def _is_new(self, problem: Any, plan: LengthPlan) -> bool:
        task = self._plan.task
        text = task.key(problem) if plan.all_unlike else task.text(problem)
        digest = _digest(text)
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True


def _digest(text: str) -> bytes:
    """Digests, because problems of thousands of numbers would fill the memory."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _too_few(split: Split, size: int, index: int, attempts: int) -> ExplainError:
    return ExplainError(
        f"--{split.replace('_', '-')} {size}: no problem may occur twice, and after "
        f"{index} rows {attempts} draws in a row gave none that is new: these options "
        "allow too few problems. Ask for fewer rows, or raise --max-value or "
        "--max-length."
    )
