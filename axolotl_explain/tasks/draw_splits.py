"""Draw the problems of all splits, each problem only once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.tasks.dataset_plan import DatasetPlan
from axolotl_explain.tasks.task import OptionsT, Split

ATTEMPTS = 1000
"""So many known problems in a row mean that hardly any new ones are left."""


def draw_splits(
    plan: DatasetPlan[OptionsT],
) -> Iterator[tuple[Split, Iterator[Example]]]:
    """The splits in the order of `ORDER`; each must be read before the next one.

    An item is the first attempt at its place (seed, split, index) whose problem has not
    occurred before, in whatever split.

    Raises:
        ExplainError: while drawing, where too few different problems exist.
    """
    seen: set[bytes] = set()
    for split, size in plan.sizes.wanted().items():
        yield split, _draw_split(plan, split, size, seen)


def _draw_split(
    plan: DatasetPlan[OptionsT], split: Split, size: int, seen: set[bytes]
) -> Iterator[Example]:
    for index in range(size):
        for attempt in range(ATTEMPTS):
            example = plan.task.problem(plan.options, plan.seed, split, index, attempt)
            # Digests, because problems of thousands of numbers would fill the memory.
            key = hashlib.blake2b(example.input.encode(), digest_size=16).digest()
            if key not in seen:
                seen.add(key)
                yield example
                break
        else:
            raise ExplainError(
                f"--{split.replace('_', '-')} {size}: no problem may occur twice, and "
                f"after {index} rows {ATTEMPTS} draws in a row gave none that is new: "
                "these options allow too few problems. Ask for fewer rows, or "
                "raise --max-value or --max-length."
            )
