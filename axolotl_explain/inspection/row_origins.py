"""Prepared rows -> the rows of files that they come from, by equal ids and labels.

Axolotl merges, shuffles and filters datasets without keeping where a row came from.
What each dataset was made into before that is watched, and a prepared row comes from
those rows that have its very ids and labels; so what is said of it cannot be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.core.outcome import DROPS, Outcome
from axolotl_explain.core.target import Kind
from axolotl_explain.inspection.digests import Digested, digested
from axolotl_explain.tokens.join import KINDS, SourceAndTarget
from axolotl_explain.training.row_columns import LEVEL, OUTCOME, ROW
from axolotl_explain.training.strategy import WATCHER, ExplainStrategy


class Dropped(NamedTuple):
    """A training row that its strategy left out.

    Attributes:
        row: its number in the file, from 1.
        level: None where it never had one.
    """

    row: int
    level: Level | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Watched:
    """A dataset of ours as its strategy made it.

    Attributes:
        rows: for each training row, the place of its row in the file, from 0.
        kinds: for each training row, the kind of each of its labels.
    """

    strategy: ExplainStrategy
    contents: Digested
    rows: list[int]
    levels: list[Level]
    kinds: Any
    dropped: list[Dropped]


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset entry of a recipe; `watched` is None for types of Axolotl's own.

    Attributes:
        number: its place in the recipe, from 1.
        name: the file or hub dataset, and which part of it.
    """

    number: int
    name: str
    kind: str
    contents: Digested
    watched: Watched | None


class Origin(NamedTuple):
    """A row of a dataset that became a certain training row."""

    source: Source
    position: int
    """Among the training rows of the dataset, from 0."""

    @property
    def row(self) -> int:
        """Its number in the file, from 1; elsewhere among what the type made of it."""
        watched = self.source.watched
        return 1 + (watched.rows[self.position] if watched else self.position)

    @property
    def level(self) -> Level | None:
        """Where the type has levels."""
        watched = self.source.watched
        return watched.levels[self.position] if watched else None

    @property
    def kinds(self) -> list[Kind] | None:
        """Of its labels, where the type tells them apart."""
        watched = self.source.watched
        if watched is None:
            return None
        return [Kind(number) for number in watched.kinds[self.position][KINDS]]

    @property
    def group(self) -> str:
        """The level, or the type where that has none."""
        return self.level or self.source.kind


@contextmanager
def watching() -> Iterator[list[Watched]]:
    """Collects what strategies of ours make while the context is open."""
    seen: list[Watched] = []

    def watch(strategy: ExplainStrategy, dataset: Any) -> None:
        seen.append(_watched(strategy, dataset))

    before = WATCHER.set(watch)
    try:
        yield seen
    finally:
        WATCHER.reset(before)


def index_of(sources: list[Source]) -> dict[bytes, list[Origin]]:
    """Digest of ids and labels -> all rows that have them."""
    found: dict[bytes, list[Origin]] = {}
    for source in sources:
        for position, digest in enumerate(source.contents.digests):
            found.setdefault(digest, []).append(Origin(source, position))
    return found


def _watched(strategy: ExplainStrategy, dataset: Any) -> Watched:
    table = dataset.data
    columns = [np.asarray(table.column(name)) for name in (OUTCOME, ROW, LEVEL)]
    outcomes, rows, levels = columns
    out = (outcomes & int(DROPS)) != 0
    kept = dataset.select(np.flatnonzero(~out))
    return Watched(
        strategy,
        digested(kept, is_apart(strategy)),
        rows[~out].tolist(),
        [LEVELS[level] for level in levels[~out]],
        kept.select_columns([KINDS]),
        [
            _dropped(int(row) + 1, LEVELS[level], Outcome(int(outcome)))
            for row, level, outcome in zip(
                rows[out], levels[out], outcomes[out], strict=True
            )
        ],
    )


def is_apart(strategy: ExplainStrategy) -> bool:
    """Whether ids are a source and labels a target by itself: encoder and decoder."""
    return isinstance(strategy.fitter.join, SourceAndTarget)


def _dropped(row: int, level: Level, outcome: Outcome) -> Dropped:
    unsettled = Outcome.LEVEL_MISSING | Outcome.INCONSISTENT | Outcome.BAD_ROW
    return Dropped(row, None if outcome & unsettled else level, outcome)
