"""A stand-in for the scan of Mamba-2, which keeps what the kernel of a GPU keeps.

`mamba_split_conv1d_scan_combined` of mamba-ssm keeps what enters, what the scan makes
of that, and a number for each row; on its way back it computes the convolution and the
state of every chunk again (Dao and Gu 2024, arXiv 2405.21060, section 6). What
transformers does without that kernel keeps many times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAME = "mamba2_split_conv1d_scan_combined"
"""What transformers' models call it."""


@contextmanager
def lean_scan(model: Any) -> Iterator[bool]:
    """Within it, the scans of a model have sizes alone; tells whether it has any."""
    found = {type(part).__module__ for part in model.modules()}
    using = [
        sys.modules[name] for name in sorted(found) if hasattr(sys.modules[name], NAME)
    ]
    usual = [getattr(module, NAME) for module in using]
    for module in using:
        setattr(module, NAME, _scan())
    try:
        yield bool(using)
    finally:
        for module, kernel in zip(using, usual, strict=True):
            setattr(module, NAME, kernel)


def _scan() -> Any:
    import torch

    class Kernel(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any, chunks: int, groups: int, entering: Any, *weights: Any
        ) -> Any:
            _, _, skip, norm, last = weights
            rows, length, width = entering.shape
            head = norm.numel() // skip.numel()
            state = (width - skip.numel() - 2 * norm.numel()) // (2 * groups)
            ctx.states = rows, chunks, skip.numel(), head, state
            scanned = entering.new_empty((rows, length, norm.numel()))
            scale = entering.new_empty((rows, length), dtype=torch.float32)
            ctx.save_for_backward(entering, scanned, scale, *weights)
            return entering.new_empty((rows, length, last.shape[0]))

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            entering, scanned, _, *weights = ctx.saved_tensors
            # Held until the end, as on a card: gradients, states of chunks and theirs.
            passing = [
                *(torch.empty_like(entering), torch.empty_like(scanned)),
                *(entering.new_empty(ctx.states, dtype=torch.float32) for _ in "ab"),
            ]
            wanted = ctx.needs_input_grad[3:]
            pairs = zip(weights, wanted, strict=True)
            found = [torch.empty_like(one) if needed else None for one, needed in pairs]
            return None, None, passing[0], *found

    def scan(*arguments: Any, D: Any, chunk_size: int, **named: Any) -> Any:
        entering, convolution, _, steps, _ = arguments
        chunks = -(-entering.shape[1] // chunk_size)
        last = named["rmsnorm_weight"], named["outproj_weight"]
        groups = named.get("ngroups", 1)
        return run(chunks, groups, entering, convolution, steps, D, *last)

    run: Any = Kernel.apply
    return scan
