"""A digest of the ids and labels of each row of a dataset, and their numbers."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import numpy as np

from axolotl_explain.tokens.encoder import IGNORE_INDEX


class Digested(NamedTuple):
    """Of each row, in order: a digest of ids and labels, all tokens, trained ones.

    Where labels stand for a target by itself, its tokens count beside those of the ids.
    """

    digests: list[bytes]
    num_tokens: np.ndarray[Any, np.dtype[np.int64]]
    num_trained: np.ndarray[Any, np.dtype[np.int64]]


def digested(dataset: Any, apart: bool) -> Digested:
    """Read a whole dataset once, a thousand rows at a time.

    Args:
        apart: whether labels are those of a target that stands by itself.
    """
    digests: list[bytes] = []
    sizes: list[int] = []
    trained: list[int] = []
    for batch in dataset.with_format("arrow").iter(batch_size=1_000):
        ids, cuts = _flat(batch.column("input_ids"))
        labels, label_cuts = _flat(batch.column("labels"))
        for row in range(len(cuts) - 1):
            own = ids[cuts[row] : cuts[row + 1]]
            marks = labels[label_cuts[row] : label_cuts[row + 1]]
            digest = hashlib.blake2b(own.tobytes(), digest_size=16)
            digest.update(marks.tobytes())
            digests.append(digest.digest())
            sizes.append(len(own) + apart * len(marks))
            trained.append(int((marks != IGNORE_INDEX).sum()))
    return Digested(digests, np.array(sizes, np.int64), np.array(trained, np.int64))


def _flat(column: Any) -> tuple[Any, Any]:
    """All values of a column of lists, and where each list begins."""
    import pyarrow.compute as pc

    sizes = pc.list_value_length(column).to_numpy()
    values = pc.list_flatten(column).to_numpy().astype(np.int64)
    return values, np.concatenate([[0], np.cumsum(sizes)])
