"""What a loss makes of rows that nobody would see: how tokens count in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from axolotl_explain.checking.finding import Finding, split_place
from axolotl_explain.core.errors import ExplainError, Faults
from axolotl_explain.recipe.loss_options import loss_block, refuse_unread_weights
from axolotl_explain.training.loss_trainer import refuse_other_trainers
from axolotl_explain.training.micro_batches import (
    RowTokens,
    several_micro_batches,
    unlike_targets,
)


def wants_lengths(cfg: Any) -> bool:
    """Whether `unequal_tokens` will read the lengths of rows."""
    return loss_block(cfg) is None and bool(several_micro_batches(cfg))


def unequal_tokens(cfg: Any, rows: RowTokens) -> Iterator[Finding]:
    """Targets of unlike length in micro-batches that are averaged."""
    if not wants_lengths(cfg):
        return
    found = unlike_targets(cfg, rows)
    if found is not None and found.matters:
        said = found.sentence(several_micro_batches(cfg))
        yield Finding("loss-per-micro-batch", *split_place(said, "recipe"))


def packed_together(cfg: Any) -> Iterator[Finding]:
    """Packed rows without a kernel that keeps them apart."""
    if cfg.sample_packing and not cfg.attn_decontaminates_packing:
        kernel = cfg.attn_implementation
        said = f"{kernel} does not keep packed rows apart" if kernel else "is not set"
        yield Finding("packed-rows-see-each-other", "attn_implementation", said)


def without_explanations(cfg: Any, explained: bool) -> Iterator[Finding]:
    """A weight of explanations that no training row has.

    Args:
        explained: whether one of them has an explanation.
    """
    loss = loss_block(cfg)
    if loss is None or explained or "explanation" not in loss.named:
        return
    found = dict.fromkeys(loss.named - {"explanation"}, 1)
    try:
        refuse_unread_weights(loss, found)
    except Faults as error:
        for one in error.messages:
            yield Finding("explain-block", *split_place(one, "explain"))


def trainers_beside(cfg: Any) -> Iterator[Finding]:
    """Another plugin that trains by itself."""
    if loss_block(cfg) is None:
        return
    from axolotl.integrations.base import PluginManager

    plugins = PluginManager.get_instance().plugins.values()
    ours = [one for one in plugins if type(one).__module__ == "axolotl_explain.plugin"]
    try:
        refuse_other_trainers(ours[0] if ours else None, cfg)
    except ExplainError as error:
        yield Finding("explain-block", *split_place(str(error), "plugins"))
