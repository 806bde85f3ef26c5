"""The attention of a GPU for fake tensors of a CPU, by PyTorch's own operators.

A CPU takes kernels that keep all scores once a bias is trained, as T5's is. Those of a
GPU can be asked for by name: they are not run, since fake tensors only have sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

ATEN = torch.ops.aten


@contextmanager
def gpu_attention() -> Iterator[None]:
    """Within it, attention keeps what it keeps on a GPU."""
    usual = functional.scaled_dot_product_attention
    functional.scaled_dot_product_attention = _attend
    try:
        yield
    finally:
        functional.scaled_dot_product_attention = usual


def _attend(  # noqa: PLR0913
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    *,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    **named: Any,
) -> Any:
    if torch.is_autocast_enabled("cpu"):
        short = torch.get_autocast_dtype("cpu")
        query, key, value = (one.to(short) for one in (query, key, value))
    if attn_mask is None and query.dtype != torch.float32:
        return ATEN._scaled_dot_product_flash_attention(
            query, key, value, dropout_p, is_causal, scale=named.get("scale")
        )[0]
    if attn_mask is not None:
        attn_mask = attn_mask.to(query.dtype)
    return ATEN._scaled_dot_product_efficient_attention(
        query,
        key,
        value,
        attn_mask,
        True,
        dropout_p,
        is_causal,
        scale=named.get("scale"),
    )[0]
