"""A collator that hands on the kind of every label, in the layout of another collator.

Axolotl has several collators (padded, packed in two ways, flattened), and all of them
lay labels out right. So the kind of a label travels inside it: label and kind become
one number before the other collator, and two tensors behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.target import Kind
from axolotl_explain.tokens.encoder import IGNORE_INDEX
from axolotl_explain.tokens.join import KINDS

BITS = 3
"""Of a number that are its kind; the others are the label."""
Features = Any


class KindsCollator:
    """Makes batches with a tensor of kinds beside the labels, both (rows, tokens).

    Labels are ids wherever a kind is known, prompts too: which of them the loss reads
    is a matter of weights. Padding has the label and the kind IGNORE_INDEX, and so has
    the first token of a row of a model with a decoder alone, since nothing of the row
    predicts it.

    Args:
        collate: the collator that Axolotl chose.
        shifts: whether the model predicts a label from the token before it, as one
            with a decoder alone does.
    """

    def __init__(self, collate: Callable[..., Any], shifts: bool) -> None:
        self.collate = collate
        self.shifts = shifts

    def __call__(self, features: Features, **keys: Any) -> Any:
        batch = self.collate(self._joined(features), **keys)
        joined = batch["labels"]
        known = joined != IGNORE_INDEX
        batch["labels"] = torch.where(known, joined >> BITS, IGNORE_INDEX)
        kinds = torch.where(known, joined & ((1 << BITS) - 1), IGNORE_INDEX)
        batch[KINDS] = kinds.to(torch.int8)
        return batch

    def _joined(self, features: Features) -> Features:
        """The features with label and kind in one number, nested as they were."""
        if isinstance(features, list) and features and isinstance(features[0], list):
            return [[self._row(row) for row in rows] for rows in features]
        return [self._row(row) for row in features]

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in row.items() if name != KINDS}
        labels = np.asarray(row["labels"], np.int64)
        kinds = row.get(KINDS)
        if kinds is None:
            joined = _other(labels)
        else:
            joined = self._known(row, labels, np.asarray(kinds, np.int64))
        if self.shifts and len(joined):
            joined[0] = IGNORE_INDEX
        kept["labels"] = joined.tolist()
        return kept

    def _known(self, row: Mapping[str, Any], labels: Any, kinds: Any) -> Any:
        if len(kinds) != len(labels):
            raise ExplainError(
                f"{len(labels)} labels and {len(kinds)} kinds of tokens in one row: "
                "something has cut the row after it was prepared; remove that, or "
                "explain.loss."
            )
        ids = np.asarray(row["input_ids"], np.int64) if self.shifts else labels
        return (ids << BITS) | kinds


def _other(labels: Any) -> Any:
    """The labels of a row that another type wrote; it says itself which are read."""
    joined = (labels << BITS) | int(Kind.OTHER)
    return np.where(labels == IGNORE_INDEX, IGNORE_INDEX, joined)
