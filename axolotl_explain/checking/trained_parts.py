"""What of a model would be trained, and from where: adapters, experts, checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from axolotl_explain.checking.finding import Finding, split_place
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory import model_config
from axolotl_explain.memory.adapter import adapted
from axolotl_explain.memory.meta_model import build_on_meta
from axolotl_explain.recipe.adapted_experts import frozen_experts, means_experts
from axolotl_explain.recipe.merge_method import unmergeable
from axolotl_explain.training.checkpoint_record import refuse_other_checkpoint
from axolotl_explain.training.tied import is_tied


def trained_parts(recipe: Mapping[str, Any], cfg: Any) -> Iterator[Finding]:
    """All findings of this kind.

    Args:
        cfg: Axolotl's config of the recipe.
    """
    yield from _experts(recipe)
    lost = unmergeable(recipe, partial(is_tied, recipe))
    if lost:
        yield Finding("adapter-not-mergeable", *split_place(lost, "adapter"))
    try:
        refuse_other_checkpoint(cfg)
    except ExplainError as error:
        yield Finding("checkpoint-of-other-data", *split_place(str(error), "recipe"))


def _experts(recipe: Mapping[str, Any]) -> Iterator[Finding]:
    """A mixture whose experts have no adapter, though their layers are named."""
    if not means_experts(recipe):
        return
    try:
        config = model_config(recipe)
        if not any("expert" in key for key in config):
            return
        base = build_on_meta(recipe, config)
    except ExplainError:
        return
    try:
        model = adapted(base, recipe)
    except ExplainError as error:
        yield Finding("axolotl-refuses", *split_place(str(error), "adapter"))
        return
    weights = model.named_parameters()
    frozen = frozen_experts(
        (name, one.numel(), one.requires_grad) for name, one in weights
    )
    if frozen:
        yield Finding("experts-frozen", "adapter", frozen)
