"""Whether a recipe fits the memory of a GPU, as estimated from its model's config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from axolotl_explain.checking.finding import Finding
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory import Estimate, estimate, model_config

TIGHT = 0.9
"""The share of a GPU's memory above which an estimate that fits is no promise."""


class GpuMemory(NamedTuple):
    """The GPUs that a recipe is to be trained on.

    Attributes:
        memory: of one GPU, in GB as they are sold (GiB).
        gpus: how many there are; None for what the recipe says, or one.
    """

    memory: float
    gpus: int | None = None


def check_memory(
    recipe: Mapping[str, Any], gpu: GpuMemory
) -> tuple[Finding, Estimate | None]:
    """Compare the estimate with the GPU; no estimate for an unknown architecture."""
    try:
        found = estimate(recipe, model_config(recipe), gpu.gpus)
    except ExplainError as error:
        return Finding("memory-unknown", "base_model", str(error)), None
    message = f"{found.gib:.1f} of {gpu.memory:g} GB"
    if found.gpus > 1:
        message += f" on each of {found.gpus} cards"
    code = "memory-fits"
    if not found.fits(gpu.memory):
        code = "memory-too-small"
    elif not found.fits(gpu.memory * TIGHT):
        code = "memory-tight"
    return Finding(code, "recipe", message), found
