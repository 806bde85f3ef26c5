"""How an adapter that trains embeddings or the head can be merged.

Axolotl's `merge-lora` by default changes the base model's file weight by weight. Where
the head shares its weight with the embeddings, that file has no head, so a trained head
is lost and the trained embeddings become the head as well; LoRA on embeddings it never
applies. `merge_method: legacy` has PEFT merge the loaded model, which is right for
both, but not for LoRA on weights that are shared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

from axolotl_explain.core.errors import ExplainError

KEY, LEGACY = "merge_method", "legacy"
TOKENS = "peft_trainable_token_indices"
SHARED = "the base model's head shares its weight with the embeddings"
FULL_NAMES = ("lm_head", "model.embed_tokens", "transformer.wte", "shared")
"""Of embeddings and heads in the models of transformers."""
HEADS = ("lm_head", "wte", "shared", "output", "output_layer", "tok_embeddings")

IsTied = Callable[[], bool]
"""Whether the head of the base model shares its weight with the embeddings."""


def set_merge_method(recipe: MutableMapping[str, Any], is_tied: IsTied) -> str:
    """Set `merge_method: legacy` where no other merge answers as the adapter does.

    Returns:
        Why it was set; empty where it was not.

    Raises:
        ExplainError: where the recipe asks for another method, or, for a merge, where
            no method is right.
    """
    why = needs_legacy(recipe, is_tied)
    if recipe.get("merge_lora") and (lost := unmergeable(recipe, is_tied)):
        raise ExplainError(lost)
    if not why or recipe.get(KEY) == LEGACY:
        return ""
    if recipe.get(KEY):
        raise ExplainError(
            f"{KEY}: {recipe[KEY]} would give another model than the one that is "
            f"trained ({why}); remove the key, or write {KEY}: {LEGACY}."
        )
    recipe[KEY] = LEGACY
    return why


def needs_legacy(recipe: Mapping[str, Any], is_tied: IsTied) -> str:
    """Why only `merge_method: legacy` merges an adapter right; or empty."""
    targets = _vocabulary(recipe, "lora_target_modules")
    if targets:
        return f"lora_target_modules has {', '.join(targets)}"
    saved = _vocabulary(recipe, "lora_modules_to_save")
    if saved and not recipe.get("peft_ensure_weight_tying") and is_tied():
        return f"lora_modules_to_save has {', '.join(saved)}, and {SHARED}"
    if recipe.get("adapter") and recipe.get(TOKENS) and is_tied():
        return f"{TOKENS} is set, and {SHARED}"
    return ""


def unmergeable(recipe: Mapping[str, Any], is_tied: IsTied) -> str:
    """Why no method merges an adapter right, and the ways out; or empty."""
    targets = _vocabulary(recipe, "lora_target_modules")
    if not targets or not is_tied():
        return ""
    return (
        f"lora_target_modules: {', '.join(targets)}: the base model's head shares its "
        "weight with the embeddings, and once merged LoRA on one of them changes both, "
        "so the merged model answers otherwise; serve the adapter as it is, or train "
        "them by lora_modules_to_save instead."
    )


def _vocabulary(recipe: Mapping[str, Any], key: str) -> list[str]:
    """The embeddings and heads that a key of an adapter names."""
    named = recipe.get(key)
    if not recipe.get("adapter") or not named:
        return []
    if isinstance(named, str) and not named.replace(".", "").isidentifier():
        return [one for one in FULL_NAMES if _matches(named, one)]
    names: Iterable[Any] = named if isinstance(named, list | tuple) else [named]
    last = {str(name): str(name).rpartition(".")[2] for name in names}
    return [name for name, end in last.items() if end in HEADS or "embed" in end]


def _matches(pattern: str, name: str) -> bool:
    """Whether PEFT takes a layer by a pattern, which has to fit its whole name."""
    try:
        return re.fullmatch(pattern, name) is not None
    except re.error:
        return False
