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

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, field_validator, model_validator

from axolotl_explain.core.errors import ExplainError, Faults
from axolotl_explain.core.loss_weights import (
    EQUAL,
    EXACT,
    LossKind,
    LossWeights,
    Ramp,
    weights_of_shares,
)
from axolotl_explain.recipe.loss_of_kinds import (
    BLOCK,
    ScheduleOptions,
    ShareOptions,
    WeightOptions,
)
from axolotl_explain.support.blocks import parse_block

WHERE = "explain.loss"
IN_A_TARGET: tuple[LossKind, ...] = ("prompt", "explanation", "answer", "end")
"""The kinds that the block can say something of."""


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

    @model_validator(mode="before")
    @classmethod
    def _kinds_stand_below(cls, data: Any) -> Any:
        for kind in IN_A_TARGET if isinstance(data, Mapping) else ():
            if kind in data:
                said = f"{{{kind}: {data[kind]}}}"
                raise ValueError(f"{kind} is no key of it; write weights: {said}")
        return data

    @field_validator("weights", mode="before")
    @classmethod
    def _empty_is_a_block(cls, value: object) -> object:
        return {} if value is None else value

    @property
    def wanted_shares(self) -> dict[LossKind, float]:
        """Kind -> the part of the loss it is to get."""
        return set_in(self.share)

    @property
    def ramps(self) -> dict[LossKind, Ramp]:
        """Kind -> how its weight changes."""
        return {
            kind: Ramp(ramp.to, ramp.start, ramp.end)
            for kind, ramp in set_in(self.schedule).items()
        }

    @property
    def named(self) -> set[LossKind]:
        """The kinds whose weight the block says, in any way."""
        found = {*set_in(self.share), *set_in(self.schedule)}
        return found | {k for k, one in set_in(self.weights).items() if one != EQUAL[k]}

    def place_of(self, kind: LossKind) -> str:
        """The key path at which the block says something of a kind."""
        if kind in self.wanted_shares:
            return f"{WHERE}.share.{kind}"
        part = "schedule" if kind in self.ramps else "weights"
        return f"{WHERE}.{part}.{kind}"

    def target_weights(self, trains_prompts: bool = False) -> dict[LossKind, float]:
        """The weights as the block says them, shares aside.

        Args:
            trains_prompts: whether the recipe says `train_on_inputs: true`.
        """
        prompt = self.weights.prompt
        given = set_in(self.weights)
        return {
            **EQUAL,
            **given,
            "prompt": float(trains_prompts) if prompt is None else prompt,
        }

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
    options = parse_block(LossOptions, given, WHERE)
    faults = [*_of_shares(options), *_of_zeros(options)]
    if faults:
        raise Faults(faults)
    return options


def _of_shares(options: LossOptions) -> Iterator[str]:
    wanted = options.wanted_shares
    if wanted and options.ramps:
        yield (
            f"{WHERE}.schedule: a part of the loss that {WHERE}.share sets for all "
            "rows is not kept by a weight that changes; remove one of the two, or use "
            f"{WHERE}.weights with the schedule."
        )
    for kind in set_in(options.weights):
        if kind in wanted:
            yield (
                f"{WHERE}.weights.{kind}: {WHERE}.share.{kind} says what it weighs "
                "already; remove one of the two."
            )
    total = sum(wanted.values())
    others = options.target_weights()
    left = [one for one in IN_A_TARGET if one not in wanted and others[one]]
    if total > 1 + EXACT:
        yield (
            f"{WHERE}.share: the parts add up to {total:g}, and the whole loss is 1; "
            "lower one of them."
        )
    elif total > 1 - EXACT and left:
        yield (
            f"{WHERE}.share: the parts add up to 1, so nothing is left for "
            f"{' and '.join(left)}; lower one of them, or write "
            f"{WHERE}.weights: {{{', '.join(f'{one}: 0' for one in left)}}}."
        )


def _of_zeros(options: LossOptions) -> Iterator[str]:
    """Moments of the training at which nothing would be trained.

    Between those that the schedule names weights go in straight lines, and stay above
    0 where they were.
    """
    if options.wanted_shares:
        return
    ramps = options.ramps
    weights = LossWeights(options.target_weights(), ramps)
    for moment in sorted({0.0, *(at for one in ramps.values() for at in one.moments)}):
        now = weights.at(moment)
        if any(now[kind] for kind in IN_A_TARGET):
            continue
        if not ramps:
            yield (
                f"{WHERE}.weights: every weight is 0, so nothing would be trained; "
                "give one of them a number above 0."
            )
        else:
            yield (
                f"{WHERE}.schedule: every weight is 0 at {moment:.0%} of the training, "
                "where nothing would be trained; keep one of them above 0."
            )
        return


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
    faults = [
        f"{options.place_of(kind)}: none of the training rows has a token of this "
        f"kind, so it would have no effect; {WAY_OUT.get(kind, 'remove it')}."
        for kind in sorted(options.named)
        if not tokens.get(kind)
    ]
    if faults:
        raise Faults(faults)


WAY_OUT = {
    "explanation": "train at a level that has explanations, or remove it",
    "prompt": "an encoder–decoder model predicts no prompt, so remove it",
}


def set_in(block: BaseModel | None) -> dict[Any, Any]:
    """Kind -> what a block says of it, if it says something."""
    if block is None:
        return {}
    return {
        name: value
        for name in type(block).model_fields
        if (value := getattr(block, name)) is not None
    }
