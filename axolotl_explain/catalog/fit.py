"""What the text of a new recipe is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from axolotl_explain.catalog.look import Look
from axolotl_explain.catalog.methods import Method


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long rows may be.

    Attributes:
        sequence: tokens of a row, or for an encoder–decoder of a prompt.
        target: for an encoder–decoder, tokens of a target.
        total: tokens of all rows together.
        shorten: whether some rows are longer.
    """

    sequence: int
    target: int
    total: int
    shorten: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """All that a text is made from."""

    look: Look
    method: Method
    sizes: Sizes
    gpus: int
    level: Any
    out: str
    frugal: bool = False
    """Whether activations are computed again, on a CPU."""

    @property
    def kind(self) -> str:
        """The kind of prompt."""
        return self.look.prompts.kind
