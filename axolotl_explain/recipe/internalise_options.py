"""The `internalise:` block below a recipe's `explain:`.

    explain:
      internalise:
        unit: line
        steps: 1000

It says how explanations are taken away again, once a model has learned with them:
`axolotl-explain internalise` makes a recipe for each stage, which is this one with the
number of the stage in it. Without that number, and at stage 0, the block changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.blocks import parse_block
from axolotl_explain.targets.options import TargetOptions
from axolotl_explain.targets.stages import Side, StageCut, Start, Unit

WHERE = "explain.internalise"


class InternaliseOptions(BaseModel):
    """How much a stage takes away, where, and when it ends."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )

    unit: Unit = Field(
        default="line",
        description="what explanations are taken apart into: line, sentence or token",
    )
    step: int = Field(
        default=1, ge=1, description="how many units each stage takes away"
    )
    side: Side = Field(
        default="left", description="where they are taken away: left or right"
    )
    start: Start = Field(
        default="whole",
        description="whole: explanations shrink from stage to stage; nothing: they "
        "grow, from their last step towards the first",
    )
    smoothing: float = Field(
        default=4.0,
        ge=0,
        description="rows lose o units more with a chance proportional to "
        "exp(-smoothing * o); 0: none does",
    )
    mix: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="the share of rows that keep the amount of an earlier stage, "
        "against forgetting",
    )
    max_stages: int | None = Field(
        default=None,
        ge=1,
        description="at most so many stages, the last of which takes all that is left "
        "at once; without it, as many as the longest explanation has",
    )
    steps: int | None = Field(
        default=None,
        ge=1,
        description="optimizer steps of a stage, at most; without it, those of the "
        "recipe",
    )
    until: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="a stage ends before its steps are spent once the exact match of "
        "explain.evaluation comes up to this and answers are as short as its targets",
    )
    learning_rate: float | None = Field(
        default=None,
        gt=0,
        description="of the stages that follow the first; without it, the recipe's",
    )
    reset_optimizer: bool = Field(
        default=True,
        description="whether each stage begins with a fresh optimizer",
    )
    tolerance: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="how much exact match below the explained model the stage that is "
        "kept may have",
    )
    patience: int = Field(
        default=2,
        ge=1,
        description="the chain ends after so many stages in a row beyond the tolerance",
    )
    stage: int | None = Field(
        default=None,
        ge=0,
        description="the stage that this recipe trains; 0: the recipe as it is without "
        "the block",
    )
    optimizer_from: str | None = Field(
        default=None,
        description="a trained folder whose last checkpoint the optimizer goes on from",
    )

    @model_validator(mode="before")
    @classmethod
    def _numbers(cls, data: Any) -> Any:
        """YAML reads 4 and 0 as whole numbers, and 1e-4 as a text."""
        if not isinstance(data, Mapping):
            return data
        return {key: _number(cls, key, value) for key, value in data.items()}

    def cut(self, seed: int) -> StageCut | None:
        """What its stage takes away; None where that is nothing."""
        if self.stage is None:
            return None
        cut = StageCut(
            stage=self.stage,
            unit=self.unit,
            step=self.step,
            side=self.side,
            start=self.start,
            smoothing=self.smoothing or None,
            mix=self.mix,
            max_stages=self.max_stages,
            seed=seed,
        )
        return None if cut.takes_nothing else cut


FRACTIONS = ("smoothing", "mix", "until", "learning_rate", "tolerance")


def _number(cls: type[BaseModel], key: str, value: object) -> object:
    if key not in FRACTIONS:
        return value
    if key == "smoothing" and value is None:
        return 0.0
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if key == "learning_rate" and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def parse_internalise(block: object) -> InternaliseOptions:
    """Check one block; None is an empty one.

    Raises:
        ExplainError: one line per fault, each with its key path.
    """
    given: Any = {} if block is None else block
    return parse_block(InternaliseOptions, given, WHERE)


def internalise_block(recipe: Mapping[str, Any]) -> InternaliseOptions | None:
    """The block of a recipe, checked; None where there is none.

    Raises:
        ExplainError: as `parse_internalise`.
    """
    block = recipe.get("explain")
    if not isinstance(block, Mapping) or "internalise" not in block:
        return None
    return parse_internalise(block["internalise"])


def is_chain(recipe: Mapping[str, Any]) -> bool:
    """Whether a recipe stands for all stages: it has the block, and no stage in it.

    Raises:
        ExplainError: as `parse_internalise`.
    """
    block = internalise_block(recipe)
    return block is not None and block.stage is None


def stage_cut(
    internalise: InternaliseOptions | None, options: TargetOptions, where: str
) -> StageCut | None:
    """What the stage of a recipe takes away of the explanations of one dataset.

    Args:
        options: of the dataset.
        where: its key path.

    Raises:
        ExplainError: for an order in which nothing can be taken away.
    """
    cut = None if internalise is None else internalise.cut(options.seed)
    if cut is not None:
        refuse_order(options, where)
    return cut


def refuse_order(options: TargetOptions, where: str) -> None:
    """Refuse targets in which no answer follows its explanation.

    Raises:
        ExplainError: naming the order and the way out.
    """
    if options.order != "explanation_first":
        raise ExplainError(
            f"{where}.explain.order: {options.order} puts no explanation in front of "
            "the answer, so there is nothing to internalise; use order: "
            f"explanation_first, or remove {WHERE}."
        )
