"""What a recipe for an encoder–decoder model must say, and what it cannot mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted

SEQ2SEQ = "axolotl_explain.seq2seq"
MODEL_TYPE = "AutoModelForSeq2SeqLM"
CLASS_END = "ForConditionalGeneration"
"""How transformers names the classes behind it."""

KERNELS = (
    "lora_mlp_kernel",
    "lora_qkv_kernel",
    "lora_o_kernel",
    "lora_embedding_kernel",
)
"""Axolotl switches them on by itself where a recipe does not say."""

_ONE_RUN = "it puts several rows into one run of tokens, and the encoder would mix them"
_CAUSAL = "it is made for models with a decoder alone and would not be applied"
REASONS = {
    "sample_packing": _ONE_RUN,
    "eval_sample_packing": _ONE_RUN,
    "batch_flattening": _ONE_RUN,
    "train_on_inputs": "the encoder reads the prompt, and nothing predicts it",
    "chat_template": "there is no conversation; the prompt is explain.template",
    "default_system_message": "there is no conversation that could hold it",
    "do_causal_lm_eval": "it reads prompt and answer from one run of tokens; use "
    "explain.evaluation",
    "eval_table_size": "it reads prompt and answer from one run of tokens; use "
    "explain.evaluation",
    "chunked_cross_entropy": _CAUSAL,
    "cut_cross_entropy": _CAUSAL,
    "liger_fused_linear_cross_entropy": _CAUSAL,
    "use_dynamic_finetuning": _CAUSAL,
    "use_eaft": _CAUSAL,
    **dict.fromkeys(KERNELS, "the fused kernels know the layers of decoders alone"),
}
"""Key of a recipe -> why it cannot go with an encoder–decoder model."""


def check_encoder_decoder(
    recipe: MutableMapping[str, Any], kinds: Collection[str]
) -> None:
    """Refuse what cannot go together; switch the fused kernels off where unset.

    Args:
        recipe: the YAML as a mapping.
        kinds: the types of its dataset entries that are ours.

    Raises:
        ExplainError: with the key, the reason and the way out.
    """
    model_type = recipe.get("model_type")
    if SEQ2SEQ not in kinds:
        if kinds and model_type == MODEL_TYPE:
            raise ExplainError(
                f"model_type: {MODEL_TYPE} is an encoder–decoder model, whose rows are "
                f"written by type: {SEQ2SEQ}; change the type, or remove model_type."
            )
        return
    if model_type != MODEL_TYPE and not str(model_type).endswith(CLASS_END):
        said = "is missing" if model_type is None else f"is {quoted(model_type)}"
        raise ExplainError(
            f"model_type: {said}, and type: {SEQ2SEQ} trains encoder–decoder models; "
            f"add model_type: {MODEL_TYPE}, or use axolotl_explain.instruct."
        )
    others = sorted(set(kinds) - {SEQ2SEQ})
    if others:
        raise ExplainError(
            f"datasets: an encoder–decoder model cannot read rows of type {others[0]}; "
            f"use type: {SEQ2SEQ} for all of them."
        )
    _refuse(recipe)
    for key in KERNELS:
        recipe[key] = False


def _refuse(recipe: Mapping[str, Any]) -> None:
    for key, reason in REASONS.items():
        if recipe.get(key):
            raise ExplainError(
                f"{key}: {quoted(recipe[key])} cannot go with an encoder–decoder "
                f"model: {reason}. Remove the key."
            )
    if (recipe.get("context_parallel_size") or 1) > 1:
        raise ExplainError(
            "context_parallel_size: one run of tokens is split over several devices, "
            "which an encoder–decoder model does not have. Remove the key."
        )
