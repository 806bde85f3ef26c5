"""What there is to train on."""

from __future__ import annotations

import os
from dataclasses import dataclass

from axolotl_explain.memory.estimate import GIB


@dataclass(frozen=True, slots=True)
class Machine:
    """Cards, and the GB of each.

    Attributes:
        memory: of one card; 0 without one.
        gpus: number of cards; 0 without one.
    """

    memory: float
    gpus: int

    def __str__(self) -> str:
        if not self.gpus:
            return "a CPU"
        cards = "one card" if self.gpus == 1 else f"{self.gpus} cards"
        return f"{cards} of {self.memory:g} GB"


def this_machine() -> Machine:
    """The cards of this machine, by PyTorch."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        return Machine(0, 0)
    each = min(
        torch.cuda.get_device_properties(number).total_memory for number in range(count)
    )
    return Machine(round(each / GIB), count)


def main_memory() -> float | None:
    """GiB of this machine's own memory; None where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    except (ValueError, OSError, AttributeError):
        return None
