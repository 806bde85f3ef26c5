"""What a recipe needs with a model that it was not written for: its `Needs:` line.

The memory is the package's own estimate, from the model's config alone; where that is
not at hand, the line says how to get it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

from axolotl_explain.catalog.header import COUNTS
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.memory import Estimate, estimate
from axolotl_explain.memory.estimate import GIB

CARDS = (8, 12, 16, 24, 32, 40, 48, 80, 96, 141, 180)
"""GB of cards that there are."""
ROOM = 0.9
"""The share of a card that an estimate may take."""
PROCESS = 1.5
"""GiB of a process with PyTorch, transformers and Axolotl in it, on a CPU."""
OF_THE_MODEL = re.compile(
    r" of disk\b|\b(seconds?|minutes?|hours?)\b|\bmemory\b|NVIDIA GPU|any CPU",
)
"""Parts of a line that are replaced, or hold for another model alone."""


class Needed(NamedTuple):
    """What training takes.

    Attributes:
        gpus: number of cards; 0 for a CPU.
        estimate: of the memory; None where it cannot be made.
        why: it cannot.
        scale: of the model, to the one whose config was estimated.
    """

    gpus: int
    estimate: Estimate | None
    why: str = ""
    scale: float = 1.0

    @property
    def gib(self) -> float:
        """GiB on each card, or of the machine."""
        if self.estimate is None:
            return 0.0
        found = self.estimate.gib if self.gpus else cpu_memory(self.estimate)
        return self.scale * found

    @property
    def parts(self) -> list[tuple[float, str]]:
        """(GiB, what takes it) of each part of the estimate."""
        items = self.estimate.items if self.estimate else ()
        parts = [
            (one.bytes / GIB, f"{one.name}: {one.how}")
            for one in items
            if self.gpus or one.name != "overhead"
        ]
        process = (PROCESS, "process: Python with PyTorch, transformers and Axolotl")
        return parts if self.gpus else [*parts, process]

    @property
    def note(self) -> str:
        """The memory in words."""
        if self.estimate is None:
            return f"memory is not estimated: {self.why}"
        each = " on each card" if self.gpus > 1 else ""
        note = f"{self.gib:.1f} GB of memory{each}, estimated from the model's config"
        if self.gpus and self.gib > ROOM * CARDS[-1]:
            return f"{note}, which no card has; quantize, or take a smaller model."
        return f"{note}."

    def line(self, before: str, out: str) -> str:
        """What stands behind `Needs:`.

        Args:
            before: the line of the recipe that this one was copied from.
            out: where the recipe will stand.
        """
        others = "".join(f", {part}" for part in _kept(before))
        if self.estimate is None:
            ask = f"memory: see `axolotl-explain check {out} --memory GB`"
            if self.gpus:
                return f"{_cards(self.gpus)} ({ask}){others}."
            return f"any CPU, {ask}{others}."
        if not self.gpus:
            return f"any CPU, {ceil(self.gib)} GB of memory{others}."
        fitting = (one for one in CARDS if self.gib <= ROOM * one)
        size = next(fitting, ceil(self.gib / ROOM))
        each = " each" if self.gpus > 1 else ""
        cards = f"{_cards(self.gpus)} with {size} GB{each}{_generation(before)}"
        return f"{cards}{others}."


def needed(
    recipe: Mapping[str, Any], config: Mapping[str, Any] | None, gpus: int
) -> Needed:
    """Estimate what a recipe takes.

    Args:
        config: of its model; None where it is not known.
        gpus: number of cards; 0 for a CPU.
    """
    if config is None:
        return Needed(gpus, None, "the model's config is not on this machine.")
    try:
        return Needed(gpus, estimate(recipe, config, gpus or 1))
    except ExplainError as error:
        return Needed(gpus, None, str(error))


def cpu_memory(found: Estimate) -> float:
    """GiB that training takes without a card."""
    asked = sum(item.bytes for item in found.items if item.name != "overhead")
    return PROCESS + asked / GIB


def _cards(gpus: int) -> str:
    count = next(word for word, number in COUNTS.items() if number == gpus)
    return f"{count} NVIDIA GPU{'s' if gpus > 1 else ''}"


def _generation(before: str) -> str:
    found = re.search(r" \([^)]*\)", before)
    return found[0] if found else ""


def _kept(before: str) -> list[str]:
    """What does not depend on the model, such as `flash-attn`."""
    parts = before.rstrip(".").split(", ")
    return [part for part in parts if not OF_THE_MODEL.search(part)]
