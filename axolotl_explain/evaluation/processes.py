"""What one process of a training evaluates, and the results of all of them."""

from __future__ import annotations

from typing import Any

import torch

from axolotl_explain.evaluation.step_evaluation import ProcessResult


def share() -> tuple[int, None, int]:
    """Where a share of the batches begins, ends and steps: this process's of all.

    Asked of torch, as for gathering, and not of the trainer, so that the two agree.
    """
    if not torch.distributed.is_initialized():
        return 0, None, 1
    return torch.distributed.get_rank(), None, torch.distributed.get_world_size()


def gathered(own: ProcessResult) -> list[ProcessResult]:
    """The results of all processes."""
    if not torch.distributed.is_initialized():
        return [own]
    results: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(results, own)
    return results
