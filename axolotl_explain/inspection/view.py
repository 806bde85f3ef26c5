"""All that is shown of a recipe's data, in the terminal and as a page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from axolotl_explain.core.target import Kind
from axolotl_explain.inspection.data import (
    Data,
    all_masked,
    ids_and_labels,
    removed,
)
from axolotl_explain.inspection.lengths import Lengths, group_of, lengths_of
from axolotl_explain.inspection.loss import UNREAD, Loss, kinds_kept
from axolotl_explain.inspection.parts import PartCount, Token, count_parts, tokens_of
from axolotl_explain.support.safe_text import one_line
from axolotl_explain.tokens.encoder import IGNORE_INDEX

NAMED_ORIGINS = 4
"""So many places are named where rows are equal; the others are counted."""


@dataclass(frozen=True, slots=True)
class RowView:
    """One training row.

    Attributes:
        number: its place among the prepared rows, from 1.
        group: its level, or the type of its dataset.
    """

    number: int
    origin: str
    group: str
    tokens: Sequence[Token]
    counts: Sequence[PartCount]

    @property
    def num_trained(self) -> int:
        """Tokens that the loss reads."""
        return sum(count.num_trained for count in self.counts)


@dataclass(frozen=True, slots=True)
class InspectionView:
    """Rows, lengths, and what is to be said of them.

    Attributes:
        said: what became of the rows, a line each.
        warnings: what is likely not meant.
        loss: the weights of `explain.loss`; None without the block.
    """

    recipe: str
    tokenizer: str
    split: str
    num_rows: int
    rows: Sequence[RowView]
    lengths: Lengths
    said: Sequence[str]
    warnings: Sequence[str]
    loss: Loss | None = None


def show(
    recipe: str, data: Data, places: Sequence[int], log: Sequence[tuple[bool, str]]
) -> InspectionView:
    """Put together what is shown.

    Args:
        places: of the prepared rows to show.
        log: what strategies said, and whether it was a warning.
    """
    said = [line for warned, line in log if not warned]
    warnings = [line for warned, line in log if warned]
    warnings += [f"{count:,} {reason}" for reason, count in removed(data).items()]
    masked = all_masked(data)
    if masked:
        why = f"all their labels are {IGNORE_INDEX}"
        warnings.append(
            f"{masked:,} of {len(data.contents.digests):,} rows have nothing that the "
            f"loss reads: {'all their tokens weigh 0' if data.loss else why}"
        )
    return InspectionView(
        recipe,
        str(data.cfg.tokenizer_config or data.cfg.base_model),
        data.split,
        len(data.contents.digests),
        [show_row(data, place) for place in places],
        lengths_of(data),
        [one_line(line) for line in [*said, *_ways(data)]],
        [one_line(line) for line in warnings],
        data.loss,
    )


def show_row(data: Data, place: int) -> RowView:
    """One prepared row with its parts."""
    ids, labels = ids_and_labels(data, place)
    weights = None if data.loss is None else data.loss.weights_of(data.dataset[place])
    if data.apart:
        if weights is not None:
            weights = [UNREAD] * len(ids) + weights
        ids, labels = [*ids, *labels], [*([IGNORE_INDEX] * len(ids)), *labels]
    tokens = tokens_of(data.tokenizer, ids, labels, _kinds(data, place), weights)
    return RowView(
        place + 1,
        one_line(_origin(data, place)),
        group_of(data, place),
        tokens,
        count_parts(tokens),
    )


def _kinds(data: Data, place: int) -> Sequence[Kind] | None:
    """Of the last tokens of a row, where its type tells them apart."""
    if data.loss is not None:
        return kinds_kept(data.dataset[place])
    origins = data.origins(place)
    return origins[0].kinds if origins else None


def _origin(data: Data, place: int) -> str:
    found = []
    for origin in data.origins(place)[:NAMED_ORIGINS]:
        source = origin.source
        which = f"dataset {source.number}, " if len(data.sources) > 1 else ""
        what = "row" if source.watched else f"{source.kind} row"
        found.append(f"{which}{source.name}, {what} {origin.row:,}")
    more = len(data.origins(place)) - NAMED_ORIGINS
    if more > 0:
        found.append(f"{more:,} more")
    return " and ".join(found) or "a row that equals none of a dataset (Axolotl cut it)"


def _ways(data: Data) -> list[str]:
    """How training goes about rows in another way than they are shown."""
    found = []
    if data.cfg.sample_packing:
        found.append(
            "sample_packing: training joins rows up to sequence_len; here each stands "
            "alone"
        )
    if data.apart:
        found.append(
            "encoder and decoder: the prompt is read by the encoder, the rest is the "
            "target by itself; lengths are those of both together"
        )
    return found
