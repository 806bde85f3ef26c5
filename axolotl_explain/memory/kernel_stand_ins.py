"""Stand-ins for kernels, which keep for the backward pass what those of a GPU keep.

Flash and memory-efficient attention keep query, key, value, output and one number for
each row (Dao et al. 2022, arXiv 2205.14135, section 3.1), where what PyTorch takes on a
CPU keeps all scores as soon as there is a mask or a value of another width. The product
of experts keeps its operands, in 32 bits too, which PyTorch cannot size without values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def lean_kernels() -> Iterator[None]:
    """Within it, attention and grouped products have sizes alone, and no values."""
    from torch.nn import functional

    stand_ins = {
        "scaled_dot_product_attention": _attention(),
        "grouped_mm": _grouped_product(),
    }
    usual = {name: getattr(functional, name) for name in stand_ins}
    for name, stand_in in stand_ins.items():
        setattr(functional, name, stand_in)
    try:
        yield
    finally:
        for name, kernel in usual.items():
            setattr(functional, name, kernel)


def _attention() -> Any:
    import torch

    class Kernel(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, query: Any, key: Any, value: Any, bias: Any) -> Any:
            heads, length = query.shape[-3:-1]
            whole = (*query.shape[:-3], length, heads, value.shape[-1])
            out = query.new_empty(whole).transpose(-3, -2)
            rows = query.new_empty(query.shape[:-1], dtype=torch.float32)
            ctx.save_for_backward(query, key, value, out, rows, bias)
            return out

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            query, key, value, _, _, bias = ctx.saved_tensors
            return tuple(
                None if one is None else torch.empty_like(one)
                for one in (query, key, value, bias)
            )

    def attend(
        query: Any, key: Any, value: Any, attn_mask: Any = None, *_: Any, **__: Any
    ) -> Any:
        if torch.is_autocast_enabled("cpu"):
            short = torch.get_autocast_dtype("cpu")
            query, key, value = (one.to(short) for one in (query, key, value))
        trained = attn_mask is not None and attn_mask.requires_grad
        return run(query, key, value, attn_mask if trained else None)

    run: Any = Kernel.apply
    return attend


def _grouped_product() -> Any:
    import torch

    class Kernel(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, rows: Any, weight: Any) -> Any:
            ctx.save_for_backward(
                rows if weight.requires_grad else None,
                weight if rows.requires_grad else None,
            )
            ctx.sizes = rows.shape, weight.shape
            return rows.new_empty((rows.shape[0], weight.shape[-1]))

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return tuple(
                gradients[0].new_empty(size) if wanted else None
                for size, wanted in zip(ctx.sizes, ctx.needs_input_grad, strict=True)
            )

    def multiply(rows: Any, weight: Any, **_: Any) -> Any:
        return run(rows, weight)

    run: Any = Kernel.apply
    return multiply
