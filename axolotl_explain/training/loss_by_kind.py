"""The loss of each kind of token, as the trainer's log shows it beside the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from axolotl_explain.core.loss_weights import (
    KIND_IN_LOSS,
    LOSS_KINDS,
    LossKind,
    tokens_by_loss_kind,
)
from axolotl_explain.core.target import Kind
from axolotl_explain.tokens.encoder import IGNORE_INDEX
from axolotl_explain.tokens.join import KINDS

Tensor = torch.Tensor
Gather = Callable[[Tensor], Tensor]


class Figures(NamedTuple):
    """What was read since the last report.

    Attributes:
        mean: the weighted mean of all losses, in nats.
        by_kind: `loss_KIND`, the mean loss of its tokens without any weight, in nats,
            and `share_KIND`, its part of the sum of all weights, from 0 to 1; of kinds
            that the loss has read.
    """

    mean: float
    by_kind: dict[str, float]


class LossByKind:
    """Sums of losses, weights and tokens of each kind since the last report.

    They stay on the device until they are reported, so that no step waits for them.
    """

    def __init__(self) -> None:
        self.sums: Tensor | None = None

    def add(self, losses: Tensor, weights: Tensor, kinds: Tensor) -> None:
        """Add tokens.

        Args:
            losses, weights, kinds: (tokens), without those that the loss skips.
        """
        losses = losses.detach()
        ones = torch.ones_like(losses)
        values = torch.stack([losses, losses * weights, weights, ones])
        values = values.to(sum_type(losses.device))
        sums = values.new_zeros(len(values), len(Kind))
        sums.index_add_(1, kinds.long(), values)
        self.sums = sums if self.sums is None else self.sums + sums

    def report(self, gather: Gather) -> Figures | None:
        """The figures of all processes, and begin anew; None if nothing was added."""
        if self.sums is None:
            return None
        gathered = gather(self.sums[None]).sum(0)
        self.sums = None
        loss, weighted, weight, tokens = gathered.tolist()
        total = sum(weight) or 1.0
        found = {}
        for kind in LOSS_KINDS:
            if count := _of(kind, tokens):
                found[f"loss_{kind}"] = _of(kind, loss) / count
                found[f"share_{kind}"] = _of(kind, weight) / total
        return Figures(sum(weighted) / total, found)


def sum_type(device: torch.device) -> torch.dtype:
    """The type that many numbers are added up in; Apple's devices have no float64."""
    return torch.float32 if device.type == "mps" else torch.float64


def _of(kind: LossKind, values: list[float]) -> float:
    return sum(values[one] for one in Kind if KIND_IN_LOSS[one] == kind)


def count_tokens(dataset: Any, shifts: bool) -> dict[LossKind, int]:
    """How many tokens of each kind the rows of a dataset have.

    Args:
        dataset: a `datasets.Dataset` with labels and, for rows of ours, KINDS.
        shifts: whether the first token of a row is not predicted.
    """
    counts: Counter[Kind] = Counter()
    columns = [name for name in (KINDS, "labels") if name in dataset.column_names]
    arrow = dataset.select_columns(columns).with_format("arrow")
    for table in arrow.iter(10_000):
        if KINDS not in columns:
            counts[Kind.OTHER] += _labels(table, shifts)
            continue
        column = table.column(KINDS).combine_chunks()
        known = table.filter(column.is_valid()).column(KINDS).combine_chunks()
        if len(known):
            counts.update(_kinds(known, shifts))
        counts[Kind.OTHER] += _labels(table.filter(column.is_null()), shifts)
    return tokens_by_loss_kind(counts)


def _kinds(column: Any, shifts: bool) -> Counter[Kind]:
    values = column.flatten().to_numpy()
    found = np.bincount(values, minlength=len(Kind))
    if shifts:
        lengths = column.value_lengths().to_numpy()
        begins = (np.cumsum(lengths) - lengths)[lengths > 0]
        found = found - np.bincount(values[begins], minlength=len(Kind))
    return Counter({kind: int(found[kind]) for kind in Kind})


def _labels(table: Any, shifts: bool) -> int:
    rows = table.column("labels").to_pylist()
    return sum(
        label != IGNORE_INDEX for row in rows for label in row[1 if shifts else 0 :]
    )
