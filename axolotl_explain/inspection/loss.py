"""What `explain.loss` makes of tokens: the weight of each, the share of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from axolotl_explain.core.loss_weights import (
    KIND_IN_LOSS,
    LOSS_KINDS,
    LossKind,
    LossWeights,
    shares,
)
from axolotl_explain.core.loss_words import weight_text
from axolotl_explain.core.target import Kind
from axolotl_explain.recipe.loss_options import loss_block, refuse_unread_weights
from axolotl_explain.tokens.encoder import IGNORE_INDEX
from axolotl_explain.tokens.join import KINDS
from axolotl_explain.training.loss_by_kind import count_tokens

NOTHING = -1
"""In place of a kind, where no token is predicted."""
ARROW = " → "


class Weight(NamedTuple):
    """What a token weighs as training begins and as it ends."""

    start: float
    end: float

    @property
    def text(self) -> str:
        """As one number, or as two where it changes."""
        texts = dict.fromkeys((weight_text(self.start), weight_text(self.end)))
        return ARROW.join(texts)

    @property
    def counts(self) -> bool:
        """Whether the loss reads the token at any moment."""
        return bool(self.start or self.end)


UNREAD = Weight(0.0, 0.0)


class KindInLoss(NamedTuple):
    """One kind of token.

    Attributes:
        tokens: that the training rows have of it, and that are predicted.
        share: its part of the sum of all weights as training begins, from 0 to 1.
        last_share: the same as training ends.
    """

    kind: LossKind
    weight: Weight
    tokens: int
    share: float
    last_share: float


@dataclass(frozen=True)
class Loss:
    """The weights of a recipe on the rows that it trains on.

    Attributes:
        tokens: of each kind, over `num_rows` training rows.
        shifts: whether the first token of a row is not predicted, as in a model with a
            decoder alone.
    """

    weights: LossWeights
    tokens: Mapping[LossKind, int]
    num_rows: int
    shifts: bool

    @property
    def changes(self) -> bool:
        """Whether a weight changes while training goes on."""
        return bool(self.weights.ramps)

    def weight(self, kind: LossKind) -> Weight:
        """What a token of a kind weighs."""
        return Weight(self.weights.at(0.0)[kind], self.weights.at(1.0)[kind])

    @property
    def largest(self) -> float:
        """The largest weight that a token has at any moment."""
        found = (max(self.weight(kind)) for kind in LOSS_KINDS if self.tokens[kind])
        return max(found, default=0.0)

    @property
    def by_kind(self) -> list[KindInLoss]:
        """Of all kinds that the training rows have a token of."""
        first = shares(self.weights.at(0.0), self.tokens)
        last = shares(self.weights.at(1.0), self.tokens)
        return [
            KindInLoss(
                kind, self.weight(kind), self.tokens[kind], first[kind], last[kind]
            )
            for kind in LOSS_KINDS
            if self.tokens[kind]
        ]

    def weights_of(self, row: Mapping[str, Any]) -> list[Weight]:
        """Of each label of a prepared row."""
        labels = np.asarray(row["labels"], np.int64)
        kinds = row.get(KINDS)
        found = self._predicted(labels, None if kinds is None else np.asarray(kinds))
        weights = [self.weight(KIND_IN_LOSS[kind]) for kind in Kind]
        return [UNREAD if at == NOTHING else weights[at] for at in found.tolist()]

    def num_read(self, dataset: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many tokens of each row the loss reads at any moment."""
        reads = np.array([self.weight(KIND_IN_LOSS[kind]).counts for kind in Kind])
        found = []
        for labels, kinds in _rows(dataset):
            predicted = self._predicted(labels, kinds)
            found.append(int(reads[predicted[predicted != NOTHING]].sum()))
        return np.array(found, np.int64)

    def _predicted(self, labels: Any, kinds: Any | None) -> Any:
        """The kind of each label, NOTHING where none is predicted.

        Rows of other types say by their labels what is read.
        """
        if kinds is None:
            kinds = np.where(labels == IGNORE_INDEX, NOTHING, Kind.OTHER)
        found = kinds.astype(np.int64)
        if self.shifts:
            found[:1] = NOTHING
        return found


def loss_of(
    recipe: Mapping[str, Any], train: Any, shifts: bool, trains_prompts: bool
) -> Loss | None:
    """The weights of a recipe; None without a block.

    Args:
        train: the prepared training rows, a `datasets.Dataset`.
        shifts: whether the first token of a row is not predicted.
        trains_prompts: whether the recipe says `train_on_inputs: true`.

    Raises:
        ExplainError: as training: for a weight of a kind of which there is no token,
            or a share that no weight can give.
    """
    options = loss_block(recipe)
    if options is None:
        return None
    tokens = count_tokens(train, shifts)
    refuse_unread_weights(options, tokens)
    weights = options.resolve(tokens, trains_prompts)
    return Loss(weights, tokens, len(train), shifts)


def kinds_kept(row: Mapping[str, Any]) -> Sequence[Kind] | None:
    """The kinds that a prepared row has of its labels; None for other types."""
    kinds = row.get(KINDS)
    return None if kinds is None else [Kind(number) for number in kinds]


def _rows(dataset: Any) -> Iterator[tuple[Any, Any | None]]:
    """The labels of each row and their kinds."""
    columns = [name for name in (KINDS, "labels") if name in dataset.column_names]
    for batch in dataset.select_columns(columns).with_format("arrow").iter(1_000):
        kinds = batch.column(KINDS) if KINDS in columns else [None] * len(batch)
        for labels, own in zip(batch.column("labels"), kinds, strict=True):
            known = own is not None and own.is_valid
            yield (
                labels.values.to_numpy(),
                own.values.to_numpy() if known else None,
            )
