"""Whether enough rows are left to train on: held out, and packed as Axolotl packs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from axolotl_explain.checking.finding import Finding, split_place
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.training.micro_batches import packed_batches
from axolotl_explain.training.no_step import no_step
from axolotl_explain.training.validation_split import num_held_out

MOST_ROWS = 5_000
"""Of all datasets that are trained; more rows fill any batch that fits a GPU."""


def no_batch(cfg: Any, lengths: Sequence[int], problems: int) -> Iterator[Finding]:
    """Training rows of which nothing is left, once held out and packed.

    Args:
        lengths: tokens of each training row, where rows are packed and few; else none.
        problems: how many different ones training has.
    """
    if cfg.val_set_size and problems:
        try:
            held_out = num_held_out(cfg.val_set_size, problems)
        except ExplainError as error:
            yield Finding("val-set-too-large", *split_place(str(error), "recipe"))
            return
        lengths = lengths[: len(lengths) - len(lengths) * held_out // problems]
    if lengths and fills_no_batch(cfg, lengths):
        yield Finding("nothing-trained", *split_place(no_step(True), "recipe"))


def fills_no_batch(cfg: Any, lengths: Sequence[int]) -> bool:
    """Whether a training with `sample_packing` would end without a step.

    Args:
        lengths: tokens of each training row.
    """
    return not packed_batches(cfg, lengths, range(len(lengths)))
