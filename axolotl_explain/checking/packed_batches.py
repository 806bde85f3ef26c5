"""Whether packed rows fill at least one batch, as Axolotl packs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

MOST_ROWS = 5_000
"""Of all datasets that are trained; more rows fill any batch that fits a GPU."""


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
