"""Trainings that cannot be evaluated on the way, and metrics that do not exist."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.evaluation_options import METRIC_KEY, WHERE
from axolotl_explain.results.metrics import Metrics

PREFIX = "eval_explain/"
NUMBERS = ("int", "float", "float | None")


def refuse_training(cfg: Any, trainer: Any) -> None:
    """Refuse models that no process holds alone.

    Raises:
        ExplainError: with the key of the recipe and the way out.
    """
    deepspeed = trainer.accelerator.state.deepspeed_plugin
    sharded = {
        "fsdp_config": trainer.is_fsdp_enabled,
        "deepspeed (ZeRO stage 3)": deepspeed and deepspeed.zero_stage == 3,
        "tensor_parallel_size": (cfg.tensor_parallel_size or 1) > 1,
        "context_parallel_size": (cfg.context_parallel_size or 1) > 1,
    }
    for name, used in sharded.items():
        if used:
            raise ExplainError(
                f"{WHERE}: with {name}, processes cannot generate on their own; remove "
                "the block, and use `axolotl explain eval` on checkpoints."
            )


def refuse_unmeasured(args: Any, levels: set[str]) -> None:
    """Refuse a metric for the best model that is ours by name and does not exist.

    Raises:
        ExplainError: with the metrics that there are.
    """
    wanted = wanted_metric(args)
    if wanted is None:
        return
    level, _, name = wanted.removeprefix(PREFIX).rpartition("/")
    known = [each.name for each in fields(Metrics) if each.type in NUMBERS]
    if level not in levels or name not in known:
        raise ExplainError(
            f"{METRIC_KEY}: {quoted(args.metric_for_best_model)} is not measured; use "
            f"explain/<level>/<metric> with a level of {', '.join(sorted(levels))} and "
            f"a metric of {', '.join(known)}."
        )


def wanted_metric(args: Any) -> str | None:
    """The metric of ours that the best model is picked by, as it is logged."""
    name = f"eval_{str(args.metric_for_best_model).removeprefix('eval_')}"
    return name if name.startswith(PREFIX) else None
