"""Bytes of optimizer states, against optimizers that have taken a step."""

from __future__ import annotations

from typing import Any

import bitsandbytes
import pytest
import torch
from torchao.optim import AdamW4bit, AdamW8bit
from transformers.optimization import Adafactor

from axolotl_explain.memory.optimizer_state import (
    gradient_bytes,
    optimizer_bytes,
    state_bytes,
)
from axolotl_explain.memory.weights import Weight

SIZES = [(256, 128), (128, 256), (64, 16), (128,), (4, 64, 32)]
OPTIMIZERS: dict[str, Any] = {
    "adamw_torch": torch.optim.AdamW,
    "adamw_torch_fused": torch.optim.AdamW,
    "adamw_8bit": bitsandbytes.optim.AdamW8bit,
    "adamw_bnb_8bit": bitsandbytes.optim.AdamW8bit,
    "paged_adamw_8bit": bitsandbytes.optim.PagedAdamW8bit,
    "paged_adamw_32bit": bitsandbytes.optim.PagedAdamW32bit,
    "lion_8bit": bitsandbytes.optim.Lion8bit,
    "lion_32bit": bitsandbytes.optim.Lion32bit,
    "adafactor": Adafactor,
    "sgd": torch.optim.SGD,
}
TABLES = ("step", "qmap1", "qmap2")
"""What is small, or shared by all weights."""


def weights_of(sizes: list[tuple[int, ...]], dtype: torch.dtype) -> list[Weight]:
    width = torch.empty(0, dtype=dtype).element_size()
    return [Weight("one", size, "plain", width, True) for size in sizes]


def state_of(optimizer: Any) -> int:
    held = [
        value
        for state in optimizer.state.values()
        for key, value in state.items()
        if isinstance(value, torch.Tensor) and key not in TABLES
    ]
    return sum(one.numel() * one.element_size() for one in held if one.dim())


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_optimizer_keeps_after_a_step_what_is_estimated(
    name: str, dtype: torch.dtype
) -> None:
    weights = [torch.nn.Parameter(torch.randn(size).to(dtype)) for size in SIZES]
    maker = OPTIMIZERS[name]
    optimizer = maker(weights, **({} if maker is Adafactor else {"lr": 0.001}))
    sum((one.float() ** 2).sum() for one in weights).backward()
    found = weights_of(SIZES, dtype)
    assert gradient_bytes(found) == sum(
        one.grad.numel() * one.grad.element_size() for one in weights
    )
    optimizer.step()
    assert optimizer_bytes(found, {"optimizer": name}) == state_of(optimizer)


@pytest.mark.parametrize(
    ("name", "maker"),
    [("adamw_torch_8bit", AdamW8bit), ("adamw_torch_4bit", AdamW4bit)],
)
def test_the_packed_states_of_torchao_are_counted(name: str, maker: Any) -> None:
    for size in SIZES:
        weight = torch.nn.Parameter(torch.randn(size))
        state = maker([weight], lr=0.001)._new_buffer(weight, True)
        parts = [state]
        if type(state) is not torch.Tensor:
            parts = [getattr(state, part) for part in ("codes", "scale")]
        expected = 2 * sum(one.numel() * one.element_size() for one in parts)
        (found,) = weights_of([size], torch.float32)
        assert state_bytes(name, found) == expected


def test_embeddings_keep_whole_states_with_bitsandbytes() -> None:
    table = torch.nn.Embedding(500, 64)
    manager = bitsandbytes.optim.GlobalOptimManager.get_instance()
    manager.register_module_override(table, "weight", {"optim_bits": 32})
    optimizer = bitsandbytes.optim.AdamW8bit(table.parameters(), lr=0.001)
    table(torch.tensor([1])).sum().backward()
    optimizer.step()
    found = Weight("table", (500, 64), "plain", 4, True, embedding=True)
    assert state_bytes("adamw_8bit", found) == state_of(optimizer)
