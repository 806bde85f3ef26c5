"""A model that is being trained, lent out for generation and given back as it was."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from bitsandbytes.nn import Linear4bit


@contextmanager
def undisturbed(model: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode and the key-value cache on; everything as before afterwards.

    What is put back: the mode of every module, the random states of Python, NumPy and
    torch (of the CPU and of the devices that hold the model), and `use_cache`, which
    training switches off. Gradient checkpointing acts in training mode alone.
    """
    with ExitStack() as stack:
        stack.enter_context(random_states(model))
        stack.enter_context(_evaluation_mode(model))
        for config in _configs(model):
            stack.enter_context(_cache_on(config))
        yield


@contextmanager
def random_states(model: torch.nn.Module) -> Iterator[None]:
    """All random states that training draws from, put back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    held = {each.device for each in model.parameters() if each.device.type == "cuda"}
    devices = sorted(device.index for device in held)
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


@contextmanager
def _evaluation_mode(model: torch.nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    for module, training in modes:
        # On a CPU, in evaluation mode, these repack their weights for good.
        if isinstance(module, Linear4bit):
            module.training = training
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _configs(model: Any) -> list[Any]:
    found = (getattr(model, name, None) for name in ("config", "generation_config"))
    return [config for config in found if hasattr(config, "use_cache")]


@contextmanager
def _cache_on(config: Any) -> Iterator[None]:
    before = config.use_cache
    config.use_cache = True
    try:
        yield
    finally:
        config.use_cache = before
