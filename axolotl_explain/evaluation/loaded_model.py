"""A model of a recipe, ready to be asked by either engine."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.decoding import Engine
from axolotl_explain.evaluation.transformers_engine import generate_batches
from axolotl_explain.evaluation.vllm_engine import load_vllm, vllm_batches
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE
from axolotl_explain.training.ends import saved_ends
from axolotl_explain.training.load import load_config, load_model


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in evaluation mode, with what belongs to it."""

    cfg: Any
    model: Any
    tokenizer: Any
    engine: Engine
    num_parameters: int | None
    """Of the base model; None where the engine does not tell."""
    ends: Sequence[int] = ()
    """The ids at which it stops when it is served; empty for the base model."""


def load_for_evaluation(
    recipe: dict[str, Any], folder: str | None, engine: str
) -> LoadedModel:
    """Load the model of a folder, or the recipe's base model for None.

    Raises:
        ExplainError: if the folder holds no model, or the engine is not installed or
            cannot run it.
    """
    try:
        cfg = load_config(recipe, folder)
    except OSError as error:
        cause = str(error).strip().partition("\n")[0].rstrip(".")
        raise ExplainError(
            f"base_model: {recipe.get('base_model')} cannot be read ({cause}); if it "
            "lies elsewhere, name it with --base-model."
        ) from None
    if engine == "vllm":
        if cfg.type_of_model == MODEL_TYPE:
            raise ExplainError(
                "--engine vllm: vLLM runs no encoder–decoder models of this kind; use "
                "--engine transformers."
            )
        from axolotl.loaders import load_tokenizer

        model, tokenizer = load_vllm(cfg), load_tokenizer(cfg)
        return LoadedModel(cfg, model, tokenizer, vllm_batches, None, _ends(folder))
    model, tokenizer = load_model(cfg)
    size = num_parameters(model)
    return LoadedModel(cfg, model, tokenizer, generate_batches, size, _ends(folder))


def _ends(folder: str | None) -> list[int]:
    return [] if folder is None else saved_ends(Path(folder))


def release() -> None:
    """Give back the memory of a model that nothing refers to any more."""
    gc.collect()
    torch.cuda.empty_cache()


def num_parameters(model: Any) -> int:
    """Of a model without its adapter; packed 4-bit weights count as what they hold."""
    adapter: int = sum(
        weights.numel()
        for name, weights in model.named_parameters()
        if ".lora_" in name or ".modules_to_save." in name
    )
    total: int = model.num_parameters()
    return total - adapter
