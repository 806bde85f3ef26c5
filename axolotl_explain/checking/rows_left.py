"""Whether enough rows are left to train on: held out, and packed as Axolotl packs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from axolotl_explain.checking.finding import Finding, split_place
from axolotl_explain.core.errors import ExplainError
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
    import numpy as np
    from axolotl.utils.samplers import MultipackBatchSampler
    from torch.utils.data import SequentialSampler

    batch, length = int(cfg.micro_batch_size), int(cfg.sequence_len)
    if cfg.attn_supports_packing and not cfg.multipack_real_batches:
        batch, length = 1, batch * length
    sampler = MultipackBatchSampler(
        sampler=SequentialSampler(lengths),
        lengths=np.array(lengths),
        batch_size=batch,
        batch_max_len=length,
        group_size=cfg.sample_packing_group_size,
        bin_size=cfg.sample_packing_bin_size,
        sequential=cfg.sample_packing_sequentially,
        drop_last=True,
        num_processes=1,
    )
    return len(sampler) == 0
