"""Weights of a loss in words."""

from __future__ import annotations

from axolotl_explain.core.loss_weights import EQUAL, LossKind, LossWeights, Ramp
from axolotl_explain.core.loss_words import changes_in_words, in_words

TOKENS: dict[LossKind, int] = {
    "prompt": 70,
    "explanation": 200,
    "answer": 15,
    "end": 5,
    "other": 0,
}


def test_each_kind_has_its_weight_and_its_share() -> None:
    weights = LossWeights({**EQUAL, "explanation": 0.1})
    assert in_words(weights, TOKENS) == (
        "weights: explanation 0.1 (50.0 % of the loss); answer 1 (37.5 % of the loss); "
        "end 1 (12.5 % of the loss)"
    )


def test_a_weight_of_zero_is_said_but_for_prompts() -> None:
    told = in_words(LossWeights({**EQUAL, "explanation": 0.0}), TOKENS)
    assert told.startswith("weights: explanation 0 (0.0 % of the loss); answer 1 (75.0")
    assert "prompt 0.5 (" in in_words(LossWeights({**EQUAL, "prompt": 0.5}), TOKENS)


def test_a_schedule_is_said_with_the_weights() -> None:
    weights = LossWeights(EQUAL, {"explanation": Ramp(0.25, 0.125, 0.75)})
    (change,) = changes_in_words(weights)
    assert change == (
        "explanation goes from 1 to 0.25 in a straight line from 12.5 % to 75 % of the "
        "training"
    )
    assert (
        "explanation 1, to 0.25 in a straight line from 12.5 % to 75 % of the training;"
        in in_words(weights, None)
    )
