"""Which weights bitsandbytes quantises, and how; asked of transformers itself.

transformers quantises matrices of linear layers alone. Experts of a mixture are one
tensor of three dimensions each, which stays as it is, in 32 bits (`cast.py`), unless
Axolotl's `quantize_moe_experts` is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from axolotl_explain.core.errors import ExplainError, quoted

Held = Literal["nf4", "int8", "plain"]

SKIPPED = {("falcon_h1", "nf4"): "out_proj", ("falcon_h1", "int8"): "out_proj"} | {
    ("jamba", "int8"): "mamba"
}
"""Layers that Axolotl leaves out (`ModelLoader._set_quantization_config`)."""
UNPACKED = ("bitsandbytes", "mxfp4")
"""Formats of files that are read into what is estimated here; mxfp4 is trained in 16
bits."""


def quantization(recipe: Mapping[str, Any], config: Mapping[str, Any]) -> Held:
    """How linear layers of the base model are held, by the recipe or by its file.

    Raises:
        ExplainError: if the file is quantised in a way that is not estimated.
    """
    in_file = config.get("quantization_config") or {}
    kind = in_file.get("quant_method")
    if kind is not None and kind not in UNPACKED:
        raise ExplainError(
            f"base_model: its weights are quantised by {quoted(kind)}, whose memory is "
            "not estimated; name the model that it was made from."
        )
    keys = recipe if kind != "bitsandbytes" else in_file
    if recipe.get("adapter") and keys.get("load_in_4bit"):
        return "nf4"
    if recipe.get("adapter") and keys.get("load_in_8bit"):
        return "int8"
    return "plain"


def quantised(model: Any, recipe: Mapping[str, Any], held: Held) -> dict[int, Held]:
    """The parameters that are quantised, by `id`, and how each is held."""
    if held == "plain":
        return {}
    from torch import nn
    from transformers.pytorch_utils import Conv1D
    from transformers.quantizers.base import HfQuantizer
    from transformers.quantizers.quantizers_utils import should_convert_module

    skipped = (recipe.get("bnb_config_kwargs") or {}).get("llm_int8_skip_modules")
    usual = SKIPPED.get((model.config.model_type, held))
    left_out = HfQuantizer.get_modules_to_not_convert(
        model, skipped or ([usual] if usual else None), model._keep_in_fp32_modules
    )
    found: dict[int, Held] = {
        id(module.weight): held
        for name, module in model.named_modules()
        if (type(module) is nn.Linear or isinstance(module, Conv1D))
        and should_convert_module(name, left_out)
    }
    if recipe.get("quantize_moe_experts"):
        found |= {
            id(one): held
            for name, one in model.named_parameters()
            if _experts(name, one)
        }
    return found


def _experts(name: str, weight: Any) -> bool:
    """Whether Axolotl takes it for experts (`monkeypatch/moe_quant.py`)."""
    return weight.ndim >= 3 and "expert" in name.lower()
