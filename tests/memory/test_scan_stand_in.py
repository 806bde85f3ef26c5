"""What the scan of a hybrid model keeps: what mamba-ssm's kernel would."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from axolotl_explain.memory.scan_stand_in import NAME, lean_scan

HEADS, WIDTH, STATE, GROUPS, ROWS, LENGTH = 4, 16, 8, 2, 3, 40
INNER = HEADS * WIDTH
ENTERING = 2 * INNER + 2 * GROUPS * STATE + HEADS
KINDS: dict[str, dict[str, Any]] = {
    "granitemoehybrid": {"layer_types": ["mamba"], "num_local_experts": 0},
    "bamba": {},
}


def mixer_of(kind: str) -> Any:
    config = AutoConfig.for_model(
        kind,
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        mamba_n_heads=HEADS,
        mamba_d_head=WIDTH,
        mamba_expand=2,
        mamba_d_state=STATE,
        mamba_n_groups=GROUPS,
        **KINDS[kind],
    )
    return AutoModelForCausalLM.from_config(config).model.layers[0].mamba.train()


@pytest.mark.parametrize("kind", KINDS)
def test_a_scan_keeps_what_enters_and_what_it_makes(kind: str) -> None:
    mixer = mixer_of(kind)
    module = importlib.import_module(type(mixer).__module__)
    usual, kept = getattr(module, NAME), {}
    own = {one.untyped_storage().data_ptr() for one in mixer.parameters()}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        place = tensor.untyped_storage().data_ptr()
        if place not in own and tensor.dim() > 1 and tensor.shape[0] == ROWS:
            kept[place] = tensor
        return tensor

    rows = torch.zeros(ROWS, LENGTH, 32)
    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda one: one)
    with lean_scan(mixer), hooks:
        out = mixer(rows)
    assert out.shape == rows.shape
    widths = sorted(one.numel() // (ROWS * LENGTH) for one in kept.values())
    assert widths == sorted([1, INNER, ENTERING])
    out.sum().backward()
    assert mixer.in_proj.weight.grad.shape == mixer.in_proj.weight.shape
    assert getattr(module, NAME) is usual
