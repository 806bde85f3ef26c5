"""Two cards that share a fake model by FSDP2, of which one is looked at.

The other is a process group that only pretends to send anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.testing._internal.distributed.fake_pg import FakeStore
from transformers.modeling_layers import GradientCheckpointingLayer


@contextmanager
def cards(count: int) -> Iterator[Any]:
    """A mesh of so many cards while it is open; None for one.

    It reads the numbers of its cards, so it cannot be made of fake tensors.
    """
    if count == 1:
        yield None
        return
    torch.distributed.init_process_group(
        "fake", rank=0, world_size=count, store=FakeStore()
    )
    try:
        yield init_device_mesh("cpu", (count,))
    finally:
        torch.distributed.destroy_process_group()


def shard(model: Any, mesh: Any) -> None:
    """Share out blocks one by one, then the rest, as Accelerate does it."""
    policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16)
    for block in list(model.modules()):
        if isinstance(block, GradientCheckpointingLayer):
            fully_shard(block, mesh=mesh, mp_policy=policy)
    fully_shard(model, mesh=mesh, mp_policy=policy)
