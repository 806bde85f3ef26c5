"""The learning rate that tuning a pretrained model takes, by method and size: a table.

Why these:

- Full: every weight moves away from where pretraining has left it, so the steps are
  small. Alpaca was tuned with 0.00002 at 7 billion and with 0.00001 at 13 (README of
  tatsu-lab/stanford_alpaca on GitHub); smaller models bear more. The smaller one, which
  is the safer, holds here from 4 billion on.
- LoRA, 8-bit LoRA and QLoRA: the adapter begins at nothing and has few weights, so it
  takes about ten times as much: 0.0002 up to 13 billion, 0.0001 for 33 and 65 billion
  (Dettmers et al. 2023, arXiv 2305.14314, table 9). The smaller one, which is the
  safer, holds here from 10 billion on.
- Encoder–decoders such as T5: they have been pretrained with large steps and scarcely
  move with small ones. Adafactor takes 0.001 (Raffel et al. 2020, arXiv 1910.10683,
  section 3.1.2), AdamW 0.0003.

A model that begins with random weights is another matter; the recipes that make one
bring their own rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

from axolotl_explain.catalog.shipped_recipes import method
from axolotl_explain.recipe.encoder_decoder import MODEL_TYPE


class Row(NamedTuple):
    """A line of the table: what holds below so many parameters."""

    below: float
    rate: float


DECODER_FULL = (Row(0.5e9, 1e-4), Row(4e9, 2e-5), Row(inf, 1e-5))
DECODER_ADAPTER = (Row(10e9, 2e-4), Row(inf, 1e-4))
BOTH_FULL = (Row(inf, 3e-4),)
BOTH_FULL_ADAFACTOR = (Row(inf, 1e-3),)
BOTH_ADAPTER = (Row(1e9, 5e-4), Row(inf, 3e-4))
"""Encoder–decoders, as the two above."""

ASSUMED = 1e9
"""Parameters of a model whose size is not known."""


@dataclass(frozen=True, slots=True)
class LearningRate:
    """A rate, and what it holds for.

    Attributes:
        holds_for: in words, such as `LoRA of a model below 10 billion parameters`.
    """

    value: float
    holds_for: str


def learning_rate(
    recipe: Mapping[str, Any], parameters: float | None = None
) -> LearningRate:
    """The rate that the table has for a recipe with a pretrained model of some size.

    Args:
        parameters: of the model; None where its size is not known.

    >>> learning_rate({"adapter": "lora"}, 8e9)
    LearningRate(value=0.0002, holds_for='LoRA of a model below 10 billion parameters')
    """
    way = method(recipe)
    both = recipe.get("model_type") == MODEL_TYPE
    rows = _rows(both, way == "full", recipe.get("optimizer") == "adafactor")
    size = ASSUMED if parameters is None else parameters
    at = next(place for place, row in enumerate(rows) if size < row.below)
    doing = "full fine-tuning" if way == "full" else way
    kind = "an encoder–decoder" if both else "a model"
    low = rows[at - 1].below if at else 0
    return LearningRate(
        rows[at].rate, f"{doing} of {kind}{_range(low, rows[at].below)}"
    )


def _rows(both: bool, full: bool, adafactor: bool) -> tuple[Row, ...]:
    if not both:
        return DECODER_FULL if full else DECODER_ADAPTER
    if not full:
        return BOTH_ADAPTER
    return BOTH_FULL_ADAFACTOR if adafactor else BOTH_FULL


def _range(low: float, below: float) -> str:
    if low and below < inf:
        return f" of {low / 1e9:g} to {below / 1e9:g} billion parameters"
    if low:
        return f" from {low / 1e9:g} billion parameters on"
    return f" below {below / 1e9:g} billion parameters" if below < inf else ""
