"""The types that Axolotl leaves weights in before training.

As `ModelLoader._configure_embedding_dtypes` does it: norms and embeddings go to 32
bits; what is not quantised of a quantised model goes there too; norms and embeddings
come back where an adapter or the attention needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from axolotl_explain.memory.meta_model import attention
from axolotl_explain.memory.precision import precision
from axolotl_explain.memory.sharding import stage

EMBEDDINGS = {
    "gpt_neox": ("embed_in", "embed_out"),
    "falcon": ("word_embeddings", "lm_head"),
    "nemotron_h": ("embeddings", "lm_head"),
    "bailing_hybrid": ("word_embeddings", "lm_head"),
}
USUAL = ("embed_tokens", "lm_head")
"""Names of embeddings, as Axolotl looks for them (`get_linear_embedding_layers`); what
is called otherwise, such as GPT-2's, it does not find."""


def embedding_names(model_type: str) -> tuple[str, str]:
    """The names that Axolotl knows the embedding and the head of a model by."""
    return EMBEDDINGS.get(model_type, USUAL)


def cast(model: Any, recipe: Mapping[str, Any], quantised: Collection[int]) -> None:
    """Give each weight of a model its type, in place.

    Args:
        quantised: `id` of the parameters that are quantised, which keep theirs.
    """
    import torch

    fsdp, adapter = bool(recipe.get("fsdp_config")), bool(recipe.get("adapter"))
    names: tuple[str, ...] = embedding_names(model.config.model_type)
    if not fsdp:
        if recipe.get("load_in_4bit") and recipe.get("embeddings_skip_upcast"):
            names = ()
        _cast_named(model, names, torch.float32, gates=True)
    if quantised and not _left_alone(recipe):
        for weight in model.parameters():
            if id(weight) not in quantised:
                weight.data = weight.data.to(torch.float32)
    kept_wide = attention(recipe) in (None, "eager", "sdpa")
    needed = adapter or fsdp or not kept_wide
    if (needed and not (fsdp and recipe.get("adapter") == "qlora")) or recipe.get(
        "cut_cross_entropy"
    ):
        short = torch.bfloat16 if precision(recipe) == 2 else torch.float32
        _cast_named(model, names, short, gates=False)
    if recipe.get("deepspeed") and precision(recipe) == 2:
        for weight in model.parameters():
            weight.data = weight.data.to(torch.bfloat16)


def _cast_named(model: Any, names: Collection[str], to: Any, gates: bool) -> None:
    """Norms and embeddings by their names, and routers before training."""
    for path, module in model.named_modules():
        if "norm" in path or (gates and path.endswith(".gate")):
            module.to(to)
        if any(name in path for name in names) and hasattr(module, "weight"):
            module.to(to)


def _left_alone(recipe: Mapping[str, Any]) -> bool:
    """Whether a quantised model is not prepared by peft, so that types stay."""
    fsdp = recipe.get("fsdp_config") or {}
    return bool(
        recipe.get("quantize_moe_experts")
        or (fsdp and recipe.get("adapter") == "qlora")
        or fsdp.get("cpu_ram_efficient_loading")
        or stage(recipe) == 3
    )
