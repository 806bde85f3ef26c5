"""What several cards share out: weights, gradients, optimizer.

ZeRO stage 1 shares the optimizer, 2 the gradients too, 3 the weights too (Rajbhandari
et al. 2020, arXiv 1910.02054); FSDP shares all three. Plain DDP and Ray share nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STAGE = re.compile(r"zero(\d)")
ALL = ("weights", "gradients", "optimizer")
PREFETCHED = 2
"""Blocks that are whole at a time: the one that computes and the next."""


@dataclass(frozen=True, slots=True)
class Sharding:
    """How parts are divided among cards.

    Attributes:
        stage: as with ZeRO; 0 shares nothing.
        offloaded: parts that lie in the machine's memory instead.
    """

    stage: int
    gpus: int
    offloaded: frozenset[str]

    def weights(self, size: int) -> int:
        """Bytes of so many bytes of weights on each card."""
        return self._part("weights", size, 3)

    def gradients(self, size: int) -> int:
        """Bytes of so many bytes of gradients on each card."""
        return self._part("gradients", size, 2)

    def optimizer(self, size: int) -> int:
        """Bytes of so many bytes of optimizer state on each card."""
        return self._part("optimizer", size, 1)

    def gathered(self, block: int) -> int:
        """Bytes of the blocks that are whole for a moment."""
        return PREFETCHED * block if self.stage == 3 and self.gpus > 1 else 0

    def note(self, part: str) -> str:
        """What a line about a part should add."""
        if part in self.offloaded:
            return ", in the machine's memory"
        shared = self.stage >= {"weights": 3, "gradients": 2, "optimizer": 1}[part]
        return f", shared by {self.gpus}" if shared and self.gpus > 1 else ""

    def _part(self, name: str, size: int, stage: int) -> int:
        if name in self.offloaded:
            return 0
        return -(-size // self.gpus) if self.stage >= stage else size


def stage(recipe: Mapping[str, Any]) -> int:
    """What is shared, as DeepSpeed numbers it; 0 shares nothing."""
    if recipe.get("fsdp_config"):
        return 3
    deepspeed = recipe.get("deepspeed")
    if isinstance(deepspeed, Mapping):
        return int((deepspeed.get("zero_optimization") or {}).get("stage", 0))
    found = STAGE.search(str(deepspeed or ""))
    return int(found[1]) if found else 0


def sharding(recipe: Mapping[str, Any], gpus: int) -> Sharding:
    """How a recipe shares out its memory."""
    return Sharding(stage(recipe), gpus, frozenset(_offloaded(recipe)))


def _offloaded(recipe: Mapping[str, Any]) -> set[str]:
    fsdp, deepspeed = recipe.get("fsdp_config"), recipe.get("deepspeed")
    if fsdp:
        return set(ALL) if fsdp.get("offload_params") else set()
    if isinstance(deepspeed, Mapping):
        zero = deepspeed.get("zero_optimization") or {}
        parts = {"param": "weights", "optimizer": "optimizer"}
        return {parts[key] for key in parts if zero.get(f"offload_{key}")}
    if "cpuoffload" not in str(deepspeed):
        return set()
    return {"weights", "optimizer"} if "_all" in str(deepspeed) else {"weights"}
