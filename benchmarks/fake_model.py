"""The model that Axolotl would train, of fake tensors: sizes and types, no memory.

Axolotl's own loader chooses the quantisation, casts norms and embeddings and puts the
adapter on, so nothing here is shared with `axolotl_explain/memory`, which is what these
models are held against. It does so on the meta device; then each weight becomes a fake
tensor of a CPU, and quantised ones are packed by bitsandbytes' own operators.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import bitsandbytes
import bitsandbytes.functional
import torch
import transformers
from axolotl.loaders import ModelLoader
from axolotl.loaders.adapter import load_adapter
from axolotl.utils.dict import DictDefault
from torchao.optim.subclass_8bit import get_qmap_signed, get_qmap_unsigned
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as WITH_IMAGES,
)
from transformers.quantizers.auto import AutoHfQuantizer

FLASH = "flash_attention_2"


def on_meta(recipe: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """A model as Axolotl prepares it, its adapter included, on the meta device."""
    cfg = DictDefault({**recipe, "is_multimodal": False})
    made = transformers.AutoConfig.for_model(**config)
    made.use_cache = made.get_text_config().use_cache = False
    cfg.model_config_type = made.model_type
    cfg.torch_dtype = torch.bfloat16 if recipe.get("bf16") else torch.float32
    cfg.attn_needs_dtype_cast = recipe.get("attn_implementation") == FLASH
    loader = object.__new__(ModelLoader)
    loader.cfg, loader.model_kwargs, loader.reference_model = cfg, {}, False
    loader.model_config = made
    loader._set_quantization_config()
    with torch.device("meta"):
        loader.model = _maker(recipe, made).from_config(made, dtype=cfg.torch_dtype)
    _head_of_its_own(loader.model, config)
    asked = loader.model_kwargs.get("quantization_config")
    if asked is not None:
        quantizer = AutoHfQuantizer.from_config(asked, pre_quantized=False)
        quantizer.preprocess_model(loader.model, device_map=None)
    loader._configure_embedding_dtypes()
    if recipe.get("adapter"):
        loader.model = load_adapter(loader.model, cfg, cfg.adapter)[0]
    return loader.model


def _maker(recipe: Mapping[str, Any], config: Any) -> Any:
    named = recipe.get("model_type") or "AutoModelForCausalLM"
    if config.model_type in WITH_IMAGES and named == "AutoModelForCausalLM":
        named = "AutoModelForImageTextToText"
    return getattr(transformers, named)


def _head_of_its_own(model: Any, config: Mapping[str, Any]) -> None:
    """Flan-T5 brings a head of its own, which transformers learns from its file."""
    head, table = model.get_output_embeddings(), model.get_input_embeddings()
    if config.get("tie_word_embeddings") is False and head.weight is table.weight:
        head.weight = torch.nn.Parameter(torch.empty_like(table.weight))


def materialise(model: Any) -> None:
    """Replace what is on the meta device by fake tensors of the mode that is active."""
    made: dict[int, Any] = {}
    for module in model.modules():
        for name, one in list(module.named_parameters(recurse=False)):
            if id(one) not in made:
                made[id(one)] = _weight(module, name, one)
            module._parameters[name] = made[id(one)]
        for name, one in list(module.named_buffers(recurse=False)):
            module._buffers[name] = torch.empty_like(one, device="cpu")


def _weight(module: Any, name: str, one: Any) -> Any:
    if name == "weight" and isinstance(module, bitsandbytes.nn.Linear4bit):
        return _in_4_bits(module, one)
    if name == "weight" and isinstance(module, bitsandbytes.nn.Linear8bitLt):
        return _in_8_bits(module, one)
    fake = torch.empty_like(one, device="cpu")
    return torch.nn.Parameter(fake, requires_grad=one.requires_grad)


def _in_4_bits(module: Any, one: Any) -> Any:
    whole = torch.empty(one.shape, dtype=torch.bfloat16, device="cpu")
    packed, state = bitsandbytes.functional.quantize_4bit(
        whole,
        blocksize=64,
        compress_statistics=one.compress_statistics,
        quant_type=one.quant_type,
        quant_storage=one.quant_storage,
    )
    weight = torch.nn.Parameter(packed, requires_grad=False)
    module.forward = partial(_forward_4_bits, module, state)
    return weight


def _forward_4_bits(module: Any, state: Any, entering: Any) -> Any:
    """As `Linear4bit` does it, but for a weight that may be a share of one."""
    computed = entering.to(module.compute_dtype)
    bias = None if module.bias is None else module.bias.to(computed.dtype)
    found = bitsandbytes.matmul_4bit(
        computed, module.weight, bias=bias, quant_state=state
    )
    return found.to(entering.dtype)


def _in_8_bits(module: Any, one: Any) -> Any:
    """8 bits without outliers: how many there are depends on values."""
    packed = torch.empty(one.shape, dtype=torch.int8, device="cpu")
    weight = torch.nn.Parameter(packed, requires_grad=False)
    weight.SCB = torch.empty(one.shape[0], dtype=torch.float32, device="cpu")
    weight.CB, weight.has_fp16_weights = packed, False
    module.state.CB, module.state.SCB = packed, weight.SCB
    module.state.has_fp16_weights, module.state.threshold = False, 0.0
    module.state.is_training = True
    module.init_8bit_state = lambda: None
    return weight


@contextmanager
def fake_tables() -> Iterator[None]:
    """Within it, tables of 8 bits are made without looking at numbers.

    bitsandbytes keeps those that it made, so real ones come back afterwards; torchao
    is asked for its own, which are plain lists, beforehand.
    """
    get_qmap_signed(), get_qmap_unsigned()
    functional = bitsandbytes.functional
    kept, make = dict(functional.name2qmap), functional.create_dynamic_map
    functional.name2qmap.clear()
    functional.create_dynamic_map = lambda *_, **__: torch.empty(256)
    try:
        yield
    finally:
        functional.create_dynamic_map = make
        functional.name2qmap.clear()
        functional.name2qmap.update(kept)
