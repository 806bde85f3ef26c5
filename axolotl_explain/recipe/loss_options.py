"""The `loss:` block below a recipe's `explain:`.

    explain:
      loss:
        weights: {explanation: 0.3}
        schedule: {explanation: {to: 0.0, start: 0.5}}

Present, even empty, it has every token of an optimizer step counted once, in which
micro-batch and on which device it may be. Prepared data keep the kind of each token,
never a weight, so that other weights train on the same data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.loss_weights import (
    EQUAL,
    LossKind,
    LossWeights,
    Ramp,
    weights_of_shares,
)
from axolotl_explain.support.blocks import parse_block

WHERE = "explain.loss"
BLOCK = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class WeightOptions(BaseModel):
    """The weight of each kind of token; only their ratio counts."""

    model_config = BLOCK

    prompt: float | None = Field(
        default=None,
        ge=0,
        description="of the prompt's tokens; 0 unless said, 1 with train_on_inputs",
    )
    explanation: float = Field(default=1.0, ge=0, description="of the explanation's")
    answer: float = Field(default=1.0, ge=0, description="of the answer and its marker")
    end: float = Field(default=1.0, ge=0, description="of the token that ends a target")


class ShareOptions(BaseModel):
    """The part of the loss that a kind gets, over all training rows."""

    model_config = BLOCK

    prompt: float | None = Field(default=None, ge=0, le=1, description="of the prompt")
    explanation: float | None = Field(
        default=None, ge=0, le=1, description="of the explanation"
    )
    answer: float | None = Field(
        default=None, ge=0, le=1, description="of the answer and its marker"
    )
    end: float | None = Field(
        default=None, ge=0, le=1, description="of the token that ends a target"
    )


class RampOptions(BaseModel):
    """A weight that becomes another one while training goes on."""

    model_config = BLOCK

    to: float = Field(ge=0, description="the weight at the end of it")
    start: float = Field(
        default=0.0, ge=0, le=1, description="the share of the training where it begins"
    )
    end: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="the share of the training where it is over; that of start for a "
        "change at once",
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> RampOptions:
        if self.end < self.start:
            raise ValueError(
                f"ends (end: {self.end:g}) before it begins (start: {self.start:g}); "
                "both are shares of the training, from 0 to 1"
            )
        return self


class ScheduleOptions(BaseModel):
    """Which weights change, and how."""

    model_config = BLOCK

    prompt: RampOptions | None = Field(default=None, description="to, start and end")
    explanation: RampOptions | None = Field(
        default=None, description="to, start and end"
    )
    answer: RampOptions | None = Field(default=None, description="to, start and end")
    end: RampOptions | None = Field(default=None, description="to, start and end")


class LossOptions(BaseModel):
    """What the loss makes of each kind of token."""

    model_config = BLOCK

    weights: WeightOptions = Field(
        default=WeightOptions(),
        description="of prompt, explanation, answer and end; only their ratio counts",
    )
    share: ShareOptions | None = Field(
        default=None,
        description="the part of the loss that a kind gets over all training rows, "
        "such as {answer: 0.5}; weights are worked out once and printed",
    )
    schedule: ScheduleOptions | None = Field(
        default=None,
        description="weights that change in training, such as "
        "{explanation: {to: 0.0, start: 0.5, end: 1.0}}",
    )

    @model_validator(mode="after")
    def _can_be_weighed(self) -> LossOptions:
        if self.share is not None and self.schedule is not None:
            raise ValueError(
                "share and schedule cannot go together: a part of the loss that holds "
                "over the dataset is not kept by a weight that changes; use weights "
                "with the schedule"
            )
        both = sorted(
            kind
            for kind in self.wanted_shares
            if self.target_weights()[kind] != EQUAL[kind]
        )
        if both:
            raise ValueError(
                f"{both[0]} has a weight and a share; the share says its weight, so "
                "remove one of them"
            )
        total = sum(self.wanted_shares.values())
        if total > 1 + 1e-9:
            raise ValueError(f"the shares add up to {total:g}, which is more than 1")
        if not any(self.target_weights(True).values()) and not self.wanted_shares:
            raise ValueError("at least one weight must be above 0")
        ends = {**self.target_weights(True), **{k: r.to for k, r in self.ramps.items()}}
        if not any(ends.values()) and not self.wanted_shares:
            raise ValueError(
                "the schedule ends with every weight at 0, so nothing would be trained"
            )
        return self

    @property
    def wanted_shares(self) -> dict[LossKind, float]:
        """Kind -> the part of the loss it is to get."""
        return _set(self.share)

    @property
    def ramps(self) -> dict[LossKind, Ramp]:
        """Kind -> how its weight changes."""
        return {
            kind: Ramp(ramp.to, ramp.start, ramp.end)
            for kind, ramp in _set(self.schedule).items()
        }

    @property
    def named(self) -> set[LossKind]:
        """The kinds whose weight the block says, in any way."""
        found = {*_set(self.share), *_set(self.schedule)}
        return found | {k for k, one in _set(self.weights).items() if one != EQUAL[k]}

    def target_weights(self, trains_prompts: bool = False) -> dict[LossKind, float]:
        """The weights as the block says them, shares aside.

        Args:
            trains_prompts: whether the recipe says `train_on_inputs: true`.
        """
        prompt = self.weights.prompt
        given = _set(self.weights)
        return {
            **EQUAL,
            **given,
            "prompt": float(trains_prompts) if prompt is None else prompt,
        }

    @property
    def may_weigh_prompts(self) -> bool:
        """Whether a prompt's tokens weigh something at any moment."""
        ramp = self.ramps.get("prompt")
        return bool(
            self.weights.prompt
            or self.wanted_shares.get("prompt")
            or (ramp and ramp.to)
        )

    def resolve(
        self, tokens: Mapping[LossKind, int], trains_prompts: bool = False
    ) -> LossWeights:
        """The weights of a training on rows with so many tokens of each kind.

        Raises:
            ExplainError: for a share that no weight can give.
        """
        weights = self.target_weights(trains_prompts)
        if not self.wanted_shares:
            return LossWeights(weights, self.ramps)
        try:
            return LossWeights(weights_of_shares(self.wanted_shares, weights, tokens))
        except ValueError as error:
            raise ExplainError(f"{WHERE}.share: {error}.") from None


def parse_loss(block: object) -> LossOptions:
    """Check the block; None is an empty one.

    Raises:
        ExplainError: one line per fault, each with its key path.
    """
    given: Any = {} if block is None else block
    return parse_block(LossOptions, given, WHERE)


def loss_block(recipe: Mapping[str, Any]) -> LossOptions | None:
    """The block of a recipe, checked; None where there is none.

    Raises:
        ExplainError: as `parse_loss`.
    """
    block = recipe.get("explain")
    if not isinstance(block, Mapping) or "loss" not in block:
        return None
    return parse_loss(block["loss"])


def refuse_unread_weights(options: LossOptions, tokens: Mapping[LossKind, int]) -> None:
    """Refuse weights that would have no effect, since no token is of their kind.

    Args:
        tokens: how many tokens of each kind the training rows have.

    Raises:
        ExplainError: naming the kind and the way out.
    """
    for kind in sorted(options.named):
        if not tokens.get(kind):
            raise ExplainError(
                f"{WHERE}: {kind} has a weight, a share or a schedule, and none of the "
                f"training rows has a token of it, so it would have no effect; "
                f"{_WAY_OUT.get(kind, 'take it out')}."
            )


_WAY_OUT = {
    "explanation": "train at a level that has explanations, or take it out",
    "prompt": "an encoder–decoder model predicts no prompt; take it out",
}


def _set(block: BaseModel | None) -> dict[Any, Any]:
    """The kinds that a block says something of."""
    if block is None:
        return {}
    return {
        name: value
        for name in type(block).model_fields
        if (value := getattr(block, name)) is not None
    }
