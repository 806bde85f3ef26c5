"""Bytes that the forward pass leaves for the backward pass.

They are counted, not computed by a formula: the model runs once over tensors that have
sizes and types but no memory, and every tensor that autograd keeps is noted. So this
holds for every architecture, for experts that see a few tokens each, and for adapters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from axolotl_explain.memory.kernel_stand_ins import lean_kernels
from axolotl_explain.memory.precision import batch, precision
from axolotl_explain.memory.record_saved import Tape
from axolotl_explain.memory.rule_of_thumb import by_thumb
from axolotl_explain.memory.saved_tensors import WITHOUT_VALUES, Kept
from axolotl_explain.memory.scan_stand_in import lean_scan


def kept(
    model: Any,
    recipe: Mapping[str, Any],
    unpacked: Collection[int] = (),
    eight: Collection[int] = (),
) -> Kept:
    """What a model of the meta device keeps; it is of no other use afterwards.

    Code that draws numbers and looks at them runs in evaluation only; where no run is
    possible, a rule of thumb takes its place.

    Args:
        unpacked: `id` of quantised parameters that are no linear layers: what they are
            unpacked to is kept by autograd.
        eight: `id` of parameters in 8 bits, whose layers hold what enters them beside
            autograd (`MatMul8bitLt` of bitsandbytes), so that no checkpoint frees it.
    """
    from torch._subclasses.fake_tensor import FakeTensorMode

    counted = {
        (id(module), name)
        for module in model.modules()
        for name, one in module.named_parameters(recurse=False)
        if id(one) in unpacked
    }
    holding = {
        id(module)
        for module in model.modules()
        if any(id(one) in eight for one in module.parameters(recurse=False))
    }
    with FakeTensorMode(allow_non_fake_inputs=True):
        for training in (True, False):
            try:
                return _counted(
                    model.train(training), recipe, Tape(counted, holding=holding)
                )
            except WITHOUT_VALUES:
                continue
    return by_thumb(model, recipe)


def _counted(model: Any, recipe: Mapping[str, Any], tape: Tape) -> Kept:
    import torch

    if recipe.get("adapter"):
        model.enable_input_require_grads()
    ids = torch.zeros(batch(recipe), dtype=torch.long)
    both = {"decoder_input_ids": ids} if model.config.is_encoder_decoder else {}
    short = torch.autocast("cpu", torch.bfloat16, enabled=precision(recipe) == 2)
    with tape.listening(model), lean_kernels(), lean_scan(model) as scan, short:
        model(input_ids=ids, labels=ids, **both)
    found = tape.found()
    found.scan = scan
    return found
