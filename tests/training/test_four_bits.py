"""4-bit weights on a CPU: trained, evaluated, trained again."""

from __future__ import annotations

import torch
from bitsandbytes.nn import Linear4bit

from axolotl_explain.training.four_bits import FLAG, keep_gradients


def gradients(model: torch.nn.Module) -> torch.Tensor | None:
    """Of the input, after an evaluation."""
    model.eval()
    with torch.no_grad():
        model(torch.ones(2, 64))
    inputs = torch.ones(2, 64, requires_grad=True)
    outputs = model.train()(inputs)
    torch.autograd.backward(outputs.sum() + 0 * inputs.sum())
    return inputs.grad


def four_bit(seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    layer = Linear4bit(64, 64, bias=False, compute_dtype=torch.float32)
    return torch.nn.Sequential(layer).to("cpu")


def test_gradients_pass_four_bit_weights_after_an_evaluation() -> None:
    model = four_bit()
    packs = getattr(model[0], FLAG)
    assert keep_gradients(model) == int(packs)
    found = gradients(model)
    assert found is not None
    assert found.abs().sum() > 0


def test_without_it_they_do_not_where_the_cpu_packs() -> None:
    """A fact of bitsandbytes; once it changes, the module can go."""
    model = four_bit()
    packs = getattr(model[0], FLAG)
    found = gradients(model)
    assert found is not None
    assert bool(found.abs().sum() == 0) == bool(packs)
