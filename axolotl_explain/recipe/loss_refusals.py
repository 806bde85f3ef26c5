"""What cannot go beside `explain.loss`, why, and the way out.

All of it is known from the recipe alone, before data or model are loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE, SEQ2SEQ
from axolotl_explain.recipe.loss_options import WHERE, LossOptions
from axolotl_explain.recipe.options import ExplainOptions

_FUSED = (
    "it takes the place of a loss that is not called; explain.loss makes the logits of "
    "the tokens that count in chunks, so that it is not needed"
)
_OTHER_LOSS = "it is another loss, with a weight for each token of its own"
_CUT = "it cuts a row over several devices, and no device sees all of its tokens"

SWITCHES = {
    "cut_cross_entropy": _FUSED,
    "chunked_cross_entropy": _FUSED,
    "liger_fused_linear_cross_entropy": _FUSED,
    "liger_cross_entropy": _FUSED,
    "flash_attn_cross_entropy": _FUSED,
    "unsloth_cross_entropy_loss": _FUSED,
    "label_smoothing": _OTHER_LOSS,
    "label_smoothing_factor": _OTHER_LOSS,
    "use_eaft": _OTHER_LOSS,
    "use_dynamic_finetuning": _OTHER_LOSS,
    "orpo_alpha": _OTHER_LOSS,
    "rl": "preference and reinforcement learning have losses of their own",
    "reward_model": "a reward model has a loss of its own",
    "process_reward_model": "a reward model has a loss of its own",
}
"""Key of a recipe -> why it cannot go with the block."""
SIZES = {
    "context_parallel_size": _CUT,
    "sequence_parallel_degree": _CUT,
    "tensor_parallel_size": "it cuts the head over several devices",
    "expert_parallel_size": "devices that share experts do not see rows of their own",
}
"""Key of a recipe -> why it must not be above 1."""
TRAINERS = {
    "kd_trainer": "knowledge distillation",
    "diffusion": "diffusion",
    "hatchery": "training elsewhere",
}
"""Key of a recipe -> what the plugin behind it trains by, with a trainer of its own."""
PLUGINS = {"CutCrossEntropyPlugin": _FUSED, "DiffusionPlugin": _OTHER_LOSS}
"""Plugins that need no key."""


def refuse_loss(
    recipe: Mapping[str, Any],
    loss: LossOptions,
    options: Mapping[str, ExplainOptions],
) -> None:
    """Refuse what cannot go beside the block, and a block without any effect.

    Args:
        options: key path of each dataset entry of ours -> what its block means.

    Raises:
        ExplainError: one line per fault.
    """
    found = [
        *_others(recipe),
        *_zero3(recipe),
        *_streams(recipe, loss),
        *_prompts(recipe, loss),
        *_unexplained(loss, options),
    ]
    if found:
        raise ExplainError("\n  ".join(found))


def _others(recipe: Mapping[str, Any]) -> Iterator[str]:
    for key, why in SWITCHES.items():
        if recipe.get(key):
            yield _refusal(key, recipe[key], why)
    for key, why in SIZES.items():
        value = recipe.get(key)
        if isinstance(value, int) and value > 1:
            yield _refusal(key, value, why)
    for key, what in TRAINERS.items():
        if recipe.get(key):
            yield _refusal(key, recipe[key], f"{what} has a trainer of its own")
    for name in recipe.get("plugins") or []:
        why = PLUGINS.get(str(name).rsplit(".", 1)[-1], "")
        off = "CutCross" in str(name) and recipe.get("cut_cross_entropy") is False
        if why and not off:
            yield f"plugins: {name} cannot go with {WHERE}: {why}. Remove one of them."


def _refusal(key: str, value: object, why: str) -> str:
    return (
        f"{key}: {quoted(value)} cannot go with {WHERE}: {why}. Remove one of the two."
    )


def _zero3(recipe: Mapping[str, Any]) -> Iterator[str]:
    config = recipe.get("deepspeed")
    if isinstance(config, str):
        try:
            config = json.loads(Path(config).read_text("utf-8"))
        except (OSError, ValueError):
            stage = 3 if "zero3" in str(recipe["deepspeed"]).lower() else None
            config = {"zero_optimization": {"stage": stage}}
    zero = config.get("zero_optimization") if isinstance(config, Mapping) else None
    if isinstance(zero, Mapping) and zero.get("stage") == 3:
        yield (
            f"deepspeed: ZeRO stage 3 gathers the head's weights for one call of it, "
            f"and {WHERE} calls it in chunks; use fsdp_version: 2 or ZeRO stage 2, or "
            f"remove {WHERE}."
        )


def _streams(recipe: Mapping[str, Any], loss: LossOptions) -> Iterator[str]:
    if not recipe.get("streaming"):
        return
    if recipe.get("sample_packing"):
        yield (
            f"streaming: with sample_packing, Axolotl packs rows before the kinds of "
            f"their tokens could go with them, which {WHERE} needs; switch one of the "
            "two off."
        )
    if loss.wanted_shares:
        yield (
            f"{WHERE}.share: a part of the loss is worked out over all training rows, "
            f"and with streaming they are never seen together; use {WHERE}.weights, or "
            "switch streaming off."
        )


def _prompts(recipe: Mapping[str, Any], loss: LossOptions) -> Iterator[str]:
    kinds = [entry.get("type") for entry in _entries(recipe)]
    if "prompt" in loss.named and (
        SEQ2SEQ in kinds or recipe.get("model_type") == MODEL_TYPE
    ):
        yield (
            f"{WHERE}: prompt has a weight, and the encoder of an encoder–decoder "
            "model reads the prompt, which nothing predicts; remove it."
        )
    if recipe.get("train_on_inputs") and loss.weights.prompt == 0:
        yield (
            f"{WHERE}.weights.prompt: 0 leaves prompts out of the loss, and "
            "train_on_inputs: true trains them; remove one of the two."
        )


def _unexplained(
    loss: LossOptions, options: Mapping[str, ExplainOptions]
) -> Iterator[str]:
    trained = [one.levels_in_play for where, one in options.items() if _trains(where)]
    if (
        "explanation" in loss.named
        and trained
        and all(levels == {"none"} for levels in trained)
    ):
        yield (
            f"{WHERE}: explanation has a weight, a share or a schedule, and with "
            "explain.level: none no row has an explanation, so it would have no "
            "effect; train at another level, or take it out."
        )


def _trains(where: str) -> bool:
    return where.startswith("datasets[")


def _entries(recipe: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    entries = recipe.get("datasets") or []
    return [entry for entry in entries if isinstance(entry, Mapping)]
