"""`val_set_size`, by problem: what is held out is not trained, at any level.

Axolotl splits rows. Where a problem became several of them (`level: all`, multitask,
several explanations, a file that is listed twice), it would be held out at one level
and trained at another. So rows keep the number of their problem until they are split.

Which problems are held out depends on the seed of the recipe and the problems alone,
not on levels, on the order of rows or on the number of processes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.compute as pc
from axolotl.utils.data import sft

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.training.row_columns import PROBLEM

Split = Callable[[Any, Any, int | float], tuple[Any, Any]]


def install_split() -> None:
    """Have Axolotl split our rows by problem, and others as before. Idempotent."""
    original: Split = sft.create_train_validation_split
    if getattr(original, "splits_by_problem", False):
        return

    def split(dataset: Any, cfg: Any, val_set_size: int | float) -> tuple[Any, Any]:
        if PROBLEM not in dataset.column_names:
            return original(dataset, cfg, val_set_size)
        return split_by_problem(dataset, cfg, val_set_size)

    split.splits_by_problem = True  # type: ignore[attr-defined]
    sft.create_train_validation_split = split


def split_by_problem(dataset: Any, cfg: Any, size: int | float) -> tuple[Any, Any]:
    """The training and the held-out rows, each in the order they had.

    A row of another type has no such number; it is a problem by itself.

    Raises:
        ExplainError: if no problem would be left to train on.
    """
    if cfg.dataset_exact_deduplication:
        dataset, _ = sft.deduplicate_and_log_datasets(dataset=dataset)
    places = _problems(dataset)
    unique, rows = np.unique(places, return_inverse=True)
    count = num_held_out(size, len(unique))
    ranks = [_rank(cfg.seed, str(one)) for one in unique.tolist()]
    chosen = np.zeros(len(unique), bool)
    chosen[sorted(range(len(ranks)), key=ranks.__getitem__)[:count]] = True
    held_out = chosen[rows]
    return tuple(
        _rows(dataset, mask, f"{size}|{cfg.seed}|{name}")
        for name, mask in (("train", ~held_out), ("test", held_out))
    )


def num_held_out(size: float, problems: int) -> int:
    """How many problems are held out, of so many.

    Args:
        size: `val_set_size`, a share below 1 or else a number.

    Raises:
        ExplainError: if that is all of them.
    """
    count = math.ceil(round(size * problems, 6)) if size <= 1 else int(size)
    if count < problems:
        return count
    raise ExplainError(
        f"val_set_size: {size:g} would hold out all of the {problems:,} problems, and "
        "nothing would be trained; use a share such as 0.05, or a smaller number."
    )


def _problems(dataset: Any) -> Any:
    """The number of each row's problem, as text where the row is one by itself."""
    column = dataset.with_format("arrow")[:].column(PROBLEM)
    numbers = pc.fill_null(column, 0).to_numpy()
    if not column.null_count:
        return numbers
    alone = pc.is_null(column).to_numpy()
    names = [f"row {place}" for place in range(len(numbers))]
    return np.where(alone, names, numbers.astype(str))


def _rank(seed: int | None, problem: str) -> bytes:
    """A draw that depends on the seed and the problem alone."""
    return hashlib.blake2b(f"{seed}:held out:{problem}".encode()).digest()


def _rows(dataset: Any, mask: Any, name: str) -> Any:
    """Some rows of a dataset, without the number of their problem.

    They are written anew, since Axolotl counts tokens in the table below a dataset,
    whichever of its rows are selected.
    """
    parts = f"by problem|{dataset._fingerprint}|{name}"
    fingerprint = hashlib.sha256(parts.encode()).hexdigest()[:32]
    chosen = dataset.remove_columns(PROBLEM).select(np.flatnonzero(mask))
    return chosen.flatten_indices(new_fingerprint=fingerprint)
