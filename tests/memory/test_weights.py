"""Bytes of quantised weights and of states, against those of bitsandbytes and torch."""

from __future__ import annotations

from itertools import chain
from typing import Any

import bitsandbytes
import pytest
import torch
from transformers.optimization import Adafactor

from axolotl_explain.memory.models import MODELS
from axolotl_explain.memory.shape import Linear
from axolotl_explain.memory.shapes import shape_of
from axolotl_explain.memory.trained import Trained, optimizer_bytes
from axolotl_explain.memory.weights import linear_bytes, weight_bytes

SIZES = [(64, 96), (257, 129), (1_024, 384)]


def state_tensors(state: Any) -> list[torch.Tensor]:
    """All tensors that a 4-bit weight keeps beside its packed values."""
    found = [value for value in vars(state).values() if isinstance(value, torch.Tensor)]
    return found + (state_tensors(state.state2) if state.state2 else [])


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize(("inputs", "outputs"), SIZES)
def test_four_bit_bytes_are_those_of_bitsandbytes(
    inputs: int, outputs: int, double: bool
) -> None:
    layer = bitsandbytes.nn.Linear4bit(
        inputs, outputs, bias=False, compress_statistics=double, quant_type="nf4"
    ).to("cpu")
    state = layer.weight.quant_state
    held = chain([layer.weight.data], state_tensors(state))
    expected = sum(one.numel() * one.element_size() for one in held)
    assert linear_bytes(Linear("up", inputs, outputs, 1), "nf4", 2, double) == expected


@pytest.mark.parametrize(("inputs", "outputs"), SIZES)
def test_eight_bit_bytes_are_those_of_bitsandbytes(inputs: int, outputs: int) -> None:
    layer = bitsandbytes.nn.Linear8bitLt(
        inputs, outputs, bias=False, has_fp16_weights=False
    ).to("cpu")
    held = [layer.weight.data, layer.weight.SCB]
    expected = sum(one.numel() * one.element_size() for one in held)
    assert linear_bytes(Linear("up", inputs, outputs, 1), "int8", 2) == expected


def test_layers_beside_the_linear_ones_are_not_quantised() -> None:
    shape = shape_of(MODELS["Qwen/Qwen3-8B"])
    tables = 2 * 2 * 151_936 * 4_096
    norms = 2 * (36 * (2 * 4_096 + 2 * 128) + 4_096)
    inside = 36 * 4_096 * (2 * 4_096 + 2 * 1_024 + 3 * 12_288)
    qlora = weight_bytes(
        shape, {"adapter": "qlora", "load_in_4bit": True, "bf16": True}
    )
    assert qlora == pytest.approx(tables + norms + 0.5159 * inside, rel=1e-3)


@pytest.mark.parametrize(
    ("attention", "rest"), [("flash_attention_2", 2), ("sdpa", 4), (None, 4)]
)
def test_a_full_fine_tune_keeps_tables_and_norms_in_32_bits_without_flash_attention(
    attention: str | None, rest: int
) -> None:
    shape = shape_of(MODELS["HuggingFaceTB/SmolLM2-135M"])
    inside = 30 * 576 * (2 * 576 + 2 * 192 + 3 * 1_536)
    outside = 49_152 * 576 + 576 * (2 * 30 + 1)
    recipe = {"bf16": True, "attn_implementation": attention}
    assert weight_bytes(shape, recipe) == 2 * inside + rest * outside


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("adamw_torch", torch.optim.AdamW),
        ("adamw_torch_fused", torch.optim.AdamW),
        ("adamw_8bit", bitsandbytes.optim.AdamW8bit),
        ("lion_8bit", bitsandbytes.optim.Lion8bit),
        ("adafactor", Adafactor),
    ],
)
@pytest.mark.parametrize("held", [torch.float32, torch.bfloat16])
def test_optimizer_bytes_are_those_of_the_optimizer(
    name: str, maker: Any, held: torch.dtype
) -> None:
    weights = [torch.nn.Parameter(torch.randn(256, 128).to(held)) for _ in range(3)]
    keys = {} if maker is Adafactor else {"lr": 0.001}
    optimizer = maker(weights, **keys)
    sum((one.float() ** 2).sum() for one in weights).backward()
    optimizer.step()
    states = [
        value
        for state in optimizer.state.values()
        for key, value in state.items()
        if isinstance(value, torch.Tensor) and key not in ("step", "qmap1", "qmap2")
    ]
    expected = sum(one.numel() * one.element_size() for one in states)
    numbers, size = 3 * 256 * 128, weights[0].element_size()
    found = Trained(numbers, numbers * size, 3 * (256 + 128), True)
    assert optimizer_bytes(found, {"optimizer": name}) == pytest.approx(
        expected, rel=0.01
    )
