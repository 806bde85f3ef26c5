"""What cannot go beside `explain.loss`, why, and the way out.

All of it is known from the recipe alone, before data or model are loaded. Keys are
those of Axolotl 0.19; it has none for label smoothing, and drops one in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import Faults, quoted
from axolotl_explain.core.loss_weights import EXACT
from axolotl_explain.recipe.dataset_entries import TYPES, our_entries
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE, SEQ2SEQ
from axolotl_explain.recipe.entry_options import default_options, entry_options
from axolotl_explain.recipe.loss_options import (
    IN_A_TARGET,
    WAY_OUT,
    WHERE,
    LossOptions,
    loss_block,
)
from axolotl_explain.recipe.options import ExplainOptions

FUSED = (
    "it changes a loss that is not called any more; explain.loss makes the logits of "
    "the tokens that count in chunks, so that it is not needed"
)
NO_LIKELIHOOD = "it trains by another loss than the likelihood of each token"
CUT = "it cuts a row over several devices, and none of them sees all of its tokens"
TRAINER = "it brings a trainer of its own, and so does explain.loss"

SWITCHES = {
    "cut_cross_entropy": FUSED,
    "chunked_cross_entropy": FUSED,
    "liger_fused_linear_cross_entropy": FUSED,
    "liger_cross_entropy": FUSED,
    "flash_attn_cross_entropy": FUSED,
    "use_eaft": "it weighs each token by the entropy of the model, in place of this "
    "loss",
    "label_smoothing": "explain.loss smooths no labels, and Axolotl reads no such key",
    "label_smoothing_factor": "explain.loss smooths no labels, and Axolotl reads no "
    "such key",
    "torch_compile": "the model would be compiled anew at each step, since its head is "
    "called in another way while the loss is computed",
    "trainer_cls": TRAINER,
    "kd_trainer": TRAINER,
    "rl": NO_LIKELIHOOD,
    "reward_model": NO_LIKELIHOOD,
    "process_reward_model": NO_LIKELIHOOD,
}
"""Key of a recipe -> why it cannot go with the block."""
SIZES = {
    "context_parallel_size": CUT,
    "sequence_parallel_degree": CUT,
    "tensor_parallel_size": "it cuts the model's head over several devices, which "
    "explain.loss calls in chunks",
    "expert_parallel_size": "it scales gradients of experts for a mean over devices, "
    "which has not been tried with this loss",
}
"""Key of a recipe -> why it must not be above 1."""
PLUGINS = {
    "CutCrossEntropyPlugin": FUSED,
    "DiffusionPlugin": TRAINER,
    "HatcheryPlugin": TRAINER,
}
"""Plugins that act without a key of the recipe -> why they cannot go with it."""
OFF = {"CutCrossEntropyPlugin": "cut_cross_entropy"}
"""Plugin -> the key that switches it off when false."""


def refuse_loss_of(recipe: Mapping[str, Any]) -> None:
    """Check `explain.loss` of a recipe alone; nothing where it has none.

    Raises:
        ExplainError: one line per fault, also of the other blocks under `explain:`.
    """
    defaults = default_options(recipe)
    loss = loss_block(recipe)
    if loss is not None:
        found = our_entries(recipe)
        refuse_loss(
            recipe, loss, {one.where: entry_options(one, defaults) for one in found}
        )


def refuse_loss(
    recipe: Mapping[str, Any],
    loss: LossOptions,
    options: Mapping[str, ExplainOptions],
) -> None:
    """Refuse what cannot go beside the block, and a block without any effect.

    Args:
        options: key path of each dataset entry of ours -> what its block means.

    Raises:
        Faults: one line per fault.
    """
    found = [
        *_others(recipe),
        *_zero3(recipe),
        *_fsdp1(recipe),
        *_streams(recipe, loss),
        *_prompts(recipe, loss),
        *_nothing_left(recipe, loss),
        *_without_effect(recipe, loss, options),
    ]
    if found:
        raise Faults(found)


def _others(recipe: Mapping[str, Any]) -> Iterator[str]:
    for key, why in SWITCHES.items():
        if recipe.get(key):
            yield _refusal(key, recipe[key], why)
    for key, why in SIZES.items():
        value = recipe.get(key)
        if isinstance(value, int) and value > 1:
            yield _refusal(key, value, why)
    for place, path in enumerate(recipe.get("plugins") or []):
        name = str(path).rsplit(".", 1)[-1]
        if name in PLUGINS and recipe.get(OFF.get(name, "")) is not False:
            yield _refusal(f"plugins[{place}]", path, PLUGINS[name])


def _refusal(key: str, value: object, why: str) -> str:
    return f"{key}: {quoted(value)} cannot go with {WHERE}: {why}; remove one of them."


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
            f"and {WHERE} calls it again in the backward pass; use fsdp_version: 2 or "
            f"ZeRO stage 2, or remove {WHERE}."
        )


def _fsdp1(recipe: Mapping[str, Any]) -> Iterator[str]:
    config = recipe.get("fsdp_config") or {}
    if not (config or recipe.get("fsdp")):
        return
    version = recipe.get("fsdp_version") or config.get("fsdp_version") or 1
    if str(version) != "2":
        yield (
            f"fsdp_version: {version} has not been tried with {WHERE}, and version 2 "
            f"has; write fsdp_version: 2, or remove {WHERE}."
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
    if "prompt" in loss.named and (
        SEQ2SEQ in _types(recipe) or recipe.get("model_type") == MODEL_TYPE
    ):
        yield (
            f"{loss.place_of('prompt')}: the encoder of an encoder–decoder model reads "
            "the prompt, which nothing predicts; remove it."
        )
    if recipe.get("train_on_inputs") and loss.weights.prompt == 0:
        yield (
            f"{WHERE}.weights.prompt: 0 leaves prompts out of the loss, and "
            "train_on_inputs: true trains them; remove one of the two."
        )


def _nothing_left(recipe: Mapping[str, Any], loss: LossOptions) -> Iterator[str]:
    """Parts below 1 in all, where no other kind could take the rest."""
    total = sum(loss.wanted_shares.values())
    if not loss.wanted_shares or total > 1 - EXACT or not _are_all_ours(recipe):
        return
    weights = loss.target_weights(bool(recipe.get("train_on_inputs")))
    if not any(weights[one] for one in IN_A_TARGET if one not in loss.wanted_shares):
        yield (
            f"{WHERE}.share: the parts add up to {total:g}, and no other kind weighs "
            "anything that could have the rest; let them add up to 1."
        )


def _without_effect(
    recipe: Mapping[str, Any],
    loss: LossOptions,
    options: Mapping[str, ExplainOptions],
) -> Iterator[str]:
    if loss.named and not any(kind in TYPES for kind in _types(recipe)):
        yield (
            f"{WHERE}: no dataset of this recipe has a type that tells "
            f"{' and '.join(sorted(loss.named))} apart, so it would have no effect; "
            f"use type: {' or '.join(TYPES)}, or write {WHERE}: {{}}."
        )
    trained = [one for where, one in options.items() if where.startswith("datasets[")]
    never = trained and all(one.levels_in_play == {"none"} for one in trained)
    if "explanation" in loss.named and never:
        yield (
            f"{loss.place_of('explanation')}: with explain.level: none no row has an "
            f"explanation, so it would have no effect; {WAY_OUT['explanation']}."
        )


def _are_all_ours(recipe: Mapping[str, Any]) -> bool:
    return all(kind in TYPES for kind in _types(recipe))


def _types(recipe: Mapping[str, Any]) -> list[Any]:
    """Of its training datasets."""
    entries = recipe.get("datasets") or []
    return [entry.get("type") for entry in entries if isinstance(entry, Mapping)]
