"""What single rows need to know of their whole dataset: terciles, and partners.

Both are functions of the rows and options alone, whatever the number of processes, and
are found in passes of their own, before the one that encodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.targets.derive import Deriver, NumTokens, Terciles
from axolotl_explain.targets.pairing import derange
from axolotl_explain.targets.planner import Batch, Place, Planner, explained, rows_of

Column = np.ndarray[Any, Any]
Pass = Callable[[Callable[..., pa.Table], str], Any]
"""(a function of a batch and its indices, what it does) -> the dataset it gives."""

MOST_PLACES = 2**20
"""More training rows than one row can become."""


def survey(
    dataset: Any,
    planner: Planner,
    num_tokens: NumTokens,
    each: Pass,
    tell: Callable[[str], None],
) -> Planner:
    """The planner with all that it needs to know of the dataset.

    Args:
        dataset: a `datasets.Dataset` of rows as they are read.
        planner: with the options of the dataset alone.
        num_tokens: by the tokenizer of the recipe.
        each: runs over the dataset in as many processes as it may.
        tell: is given what was found, in words.
    """
    options, name = planner.options, planner.name
    derive = None
    if options.derive_levels is not None:
        derive = Deriver(options.derive_levels, num_tokens)
        if options.derive_levels.by == "length":
            measured = each(RationaleLengths(planner, derive), "Measuring explanations")
            terciles = Terciles.of(_column(measured, "num_tokens"))
            tell(
                f"{name}: levels are derived by length: short up to {terciles.short} "
                f"tokens, medium up to {terciles.medium} tokens, long above"
            )
            derive = Deriver(options.derive_levels, num_tokens, terciles)
    known = replace(planner, derive=derive)
    if options.control != "mismatched":
        return known
    found = each(Explanations(known), "Pairing explanations")
    partners = Paired.of(dataset, known, found, options.seed)
    return replace(known, partners=partners)


def without_survey(planner: Planner, num_tokens: NumTokens) -> Planner:
    """The planner for a stream, which nobody sees as a whole.

    Args:
        planner: with options that `needs_whole_dataset` finds nothing in.
    """
    block = planner.options.derive_levels
    derive = None if block is None else Deriver(block, num_tokens)
    return replace(planner, derive=derive)


@dataclass(frozen=True, slots=True)
class RationaleLengths:
    """A batch -> the length of each rationale, in tokens."""

    planner: Planner
    derive: Deriver

    def __call__(self, batch: Batch, indices: Sequence[int]) -> pa.Table:
        found = [
            self.derive.num_tokens(example.explanations[source])
            for example in self.planner.examples(batch)
            if (source := self.derive.source(example)) is not None
        ]
        return pa.table({"num_tokens": np.array(found, np.int64)})


@dataclass(frozen=True, slots=True)
class Explanations:
    """A batch -> the place, level and digest of each explanation in training."""

    planner: Planner

    def __call__(self, batch: Batch, indices: Sequence[int]) -> pa.Table:
        planned = self.planner(batch, indices)
        found = [(place, planned[at][1]) for at, place in explained(planned)]
        rows = [row for _, row in found if isinstance(row, TrainingRow)]
        levels = [LEVELS.index(row.level) for row in rows]
        digests = [_digest(row.explanation) for row in rows]
        return pa.table(
            {
                "row": np.array([row for (row, _), _ in found], np.int64),
                "place": np.array([place for (_, place), _ in found], np.int64),
                "level": np.array(levels, np.int64),
                "digest": np.array(digests, np.uint64),
            }
        )


@dataclass(frozen=True, slots=True)
class Paired:
    """The explanations of other rows, read again from the dataset where needed."""

    dataset: Any
    planner: Planner
    places: Column
    """Keys of all training rows with an explanation, ascending."""
    donors: Column
    """Of each, the key of the training row whose explanation it gets."""

    @classmethod
    def of(cls, dataset: Any, planner: Planner, found: Any, seed: int) -> Paired:
        """Pair the explanations of each level."""
        names = ("row", "place", "level", "digest")
        rows, places, levels, digests = (_column(found, name) for name in names)
        keys = _key(rows, places)
        donors = keys.copy()
        for number, level in enumerate(LEVELS):
            here = np.flatnonzero(levels == number)
            order = derange(digests[here].tolist(), seed, f"pairs:{level}")
            donors[here] = keys[here[order]]
        return cls(dataset, planner, keys, donors)

    def __call__(self, places: Sequence[Place]) -> list[str]:
        if not places:
            return []
        own = _key(*np.array(places, np.int64).T)
        keys = self.donors[np.searchsorted(self.places, own)]
        donors = [divmod(int(key), MOST_PLACES) for key in keys]
        rows = sorted({row for row, _ in donors})
        found = zip(rows, rows_of(self.dataset[rows]), strict=True)
        planned = {row: self.planner.row(values) for row, values in found}
        found_rows = [planned[row][place] for row, place in donors]
        return [one.explanation for one in found_rows if isinstance(one, TrainingRow)]


def _key(rows: Column, places: Column) -> Column:
    return rows * MOST_PLACES + places


def _column(dataset: Any, name: str) -> Column:
    return np.asarray(dataset.data.column(name))


def _digest(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
