"""`explain.loss`: what it means, and the one clear line for each slip."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

from axolotl_explain.core.errors import ExplainError, Faults
from axolotl_explain.recipe.loss_of_kinds import (
    RampOptions,
    ScheduleOptions,
    ShareOptions,
    WeightOptions,
)
from axolotl_explain.recipe.loss_options import (
    LossOptions,
    loss_block,
    parse_loss,
    refuse_unread_weights,
)
from axolotl_explain.recipe.options import ExplainArgs, RecipeOptions

TOKENS = {"prompt": 300, "explanation": 200, "answer": 10, "end": 1}


def refusal(block: object) -> str:
    """The message that a block is refused with."""
    with pytest.raises(ExplainError) as caught:
        parse_loss(block)
    return str(caught.value)


def ramp(**keys: float) -> dict[str, Any]:
    return {"schedule": {"explanation": keys}}


@pytest.mark.parametrize("block", [{}, None, {"weights": {}}, {"weights": None}])
def test_an_empty_block_weighs_each_token_of_a_target_alike(block: object) -> None:
    options = parse_loss(block)
    weights = options.resolve(TOKENS)
    expected = {"prompt": 0, "explanation": 1, "answer": 1, "end": 1, "other": 1}
    assert weights.start == weights.at(0.7) == expected
    assert options.named == set()


def test_nothing_behind_the_key_is_an_empty_block_and_no_key_is_none() -> None:
    recipe = yaml.safe_load("explain:\n  loss:\n  level: long\n")
    assert loss_block(recipe) == LossOptions()
    assert loss_block({"explain": {"level": "long"}}) is None
    assert loss_block({"explain": None}) is None
    assert loss_block({}) is None


def test_weights_stand_beside_those_that_are_not_said() -> None:
    options = parse_loss({"weights": {"explanation": 0.3, "prompt": 0.1, "answer": 1}})
    weights = options.resolve(TOKENS).start
    assert (weights["explanation"], weights["prompt"]) == (0.3, 0.1)
    assert (weights["answer"], weights["end"]) == (1.0, 1.0)
    assert options.named == {"explanation", "prompt"}, "1 is what an answer weighs"


def test_train_on_inputs_is_a_weight_of_prompts_unless_one_is_said() -> None:
    assert parse_loss({}).resolve(TOKENS, True).start["prompt"] == 1.0
    said = parse_loss({"weights": {"prompt": 0.2}})
    assert said.resolve(TOKENS, True).start["prompt"] == 0.2


def test_shares_become_weights_by_the_tokens_of_the_rows() -> None:
    options = parse_loss({"share": {"answer": 0.5}})
    weights = options.resolve(TOKENS).start
    mass = {kind: weights[kind] * TOKENS[kind] for kind in TOKENS}  # type: ignore[index]
    assert mass["answer"] / sum(mass.values()) == pytest.approx(0.5)
    assert options.named == {"answer"}


def test_a_schedule_moves_a_weight_from_where_it_is() -> None:
    block = {"weights": {"explanation": 0.8}, **ramp(to=0.2, start=0.5)}
    weights = parse_loss(block).resolve(TOKENS)
    found = [weights.at(at)["explanation"] for at in (0.0, 0.5, 0.75, 1.0)]
    assert found == pytest.approx([0.8, 0.8, 0.5, 0.2])


@pytest.mark.parametrize(
    "block",
    [
        {},
        {"share": {"answer": 0.5}},
        {"share": {"answer": 0.5}, "weights": {"explanation": 0.1}},
        {"weights": {"prompt": 0.1}, **ramp(to=0.0, start=0.5, end=0.5)},
    ],
)
def test_a_block_means_the_same_once_axolotl_has_validated_it(
    block: dict[str, Any],
) -> None:
    args = ExplainArgs(explain=RecipeOptions(loss=block))
    validated = args.model_dump(exclude_none=True)
    assert loss_block(validated) == parse_loss(block)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            {"weights": {"explanatoin": 0.3}},
            ".weights.explanatoin: no such key; did you mean explanation? Known keys: "
            "prompt, explanation, answer, end.",
        ),
        ({"weight": {}}, ".weight: no such key; did you mean weights? Known keys: "),
        (
            {"explanation": 0.3},
            ": explanation is no key of it; write weights: {explanation: 0.3}.",
        ),
        (
            {"weights": {"explanation": "high"}},
            ".weights.explanation: 'high' is not allowed; use a number of at least 0.",
        ),
        (
            {"weights": {"explanation": "0.3"}},
            ".weights.explanation: '0.3' is not allowed; use a number of at least 0.",
        ),
        (
            {"weights": {"answer": -1}},
            ".weights.answer: -1 is not allowed; use a number of at least 0.",
        ),
        (
            {"weights": {"answer": math.nan}},
            ".weights.answer: nan is not allowed; use a number of at least 0.",
        ),
        (
            {"weights": {"answer": math.inf}},
            ".weights.answer: inf is not allowed; use a number of at least 0.",
        ),
        (
            {"weights": {"answer": True}},
            ".weights.answer: True is not allowed; use a number of at least 0.",
        ),
        (
            {"weights": {"answer": None}},
            ".weights.answer: nothing stands behind the key; give it a value, or "
            "remove it.",
        ),
        (
            {"weights": 0.3},
            ".weights: 0.3 is no block of keys and values; known keys: prompt, ",
        ),
        (
            {"weights": {"explanation": 0, "answer": 0, "end": 0}},
            ".weights: every weight is 0, so nothing would be trained; give one of "
            "them a number above 0.",
        ),
        (
            {"share": {"answer": 1.5}},
            ".share.answer: 1.5 is not allowed; use a number from 0 to 1.",
        ),
        (
            {"share": {"answer": 0.7, "explanation": 0.5}},
            ".share: the parts add up to 1.2, and the whole loss is 1; lower one of "
            "them.",
        ),
        (
            {"share": {"answer": 1}},
            ".share: the parts add up to 1, so nothing is left for explanation and "
            "end; lower one of them, or write explain.loss.weights: {explanation: 0, "
            "end: 0}.",
        ),
        (
            {"share": {"answer": 0.5}, **ramp(to=0)},
            ".schedule: a part of the loss that explain.loss.share sets for all rows "
            "is not kept by a weight that changes; remove one of the two",
        ),
        (
            {"share": {"answer": 0.5}, "weights": {"answer": 1}},
            ".weights.answer: explain.loss.share.answer says what it weighs already; "
            "remove one of the two.",
        ),
        (
            ramp(to=0, start=0.8, end=0.5),
            ".schedule.explanation: ends (end: 0.5) before it begins (start: 0.8); "
            "both are shares of the training, from 0 to 1.",
        ),
        (
            ramp(to=0, start=50),
            ".schedule.explanation.start: 50 is not allowed; use a number of at least "
            "0 and below 1.",
        ),
        (
            ramp(to=0, end=0),
            ".schedule.explanation.end: 0 is not allowed; use a number above 0 and not "
            "above 1.",
        ),
        (
            ramp(start=0.5),
            ".schedule.explanation.to: is missing; the weight at the end of it.",
        ),
        (
            {"schedule": {"explanation": {"from": 1, "to": 0}}},
            ".schedule.explanation: from is no key: it begins with the weight that "
            "explain.loss.weights says.",
        ),
        (
            {"schedule": {"explanation": 0.0}},
            ".schedule.explanation: 0.0 is no block of keys and values; known keys: "
            "to, start, end.",
        ),
        (
            {
                "schedule": {
                    kind: {"to": 0} for kind in ("explanation", "answer", "end")
                }
            },
            ".schedule: every weight is 0 at 100% of the training, where nothing would "
            "be trained; keep one of them above 0.",
        ),
        (
            {
                "weights": {"answer": 0, "end": 0},
                "schedule": {
                    "explanation": {"to": 0, "end": 0.4},
                    "answer": {"to": 1, "start": 0.6, "end": 0.6},
                },
            },
            ".schedule: every weight is 0 at 40% of the training, where nothing ",
        ),
        (True, ": True is no block of keys and values; known keys: weights, share, "),
        ([], ": [] is no block of keys and values; known keys: weights, share, "),
        ("high", ": 'high' is no block of keys and values; known keys: weights, "),
    ],
)
def test_a_bad_block_is_one_clear_line(block: object, message: str) -> None:
    said = refusal(block)
    assert said.startswith(f"explain.loss{message}")
    assert "\n" not in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    "block",
    [
        {"weights": {"explanation": 0}},
        {"weights": {"explanation": 0, "end": 0}, "share": {"answer": 1}},
        {"share": {"answer": 0}},
        {"share": {"explanation": 0.1, "answer": 0.2, "end": 0.7}},
        ramp(to=1.0),
        ramp(to=0, start=0.5, end=0.5),
    ],
)
def test_what_can_be_meant_is_taken(block: dict[str, Any]) -> None:
    parse_loss(block)


def test_every_fault_has_its_line() -> None:
    with pytest.raises(Faults) as caught:
        parse_loss({"weights": {"anwser": 1, "end": -1}, "shares": {}})
    assert [one.partition(": ")[0] for one in caught.value.messages] == [
        "explain.loss.weights.end",
        "explain.loss.weights.anwser",
        "explain.loss.shares",
    ]


@pytest.mark.parametrize(
    ("block", "tokens", "message"),
    [
        (
            {"weights": {"explanation": 0.3}},
            {"answer": 10, "end": 1},
            "explain.loss.weights.explanation: none of the training rows has a token "
            "of this kind, so it would have no effect; train at a level that has "
            "explanations, or remove it.",
        ),
        (
            {"share": {"answer": 0.5}},
            {"other": 10},
            "explain.loss.share.answer: none of the training rows has",
        ),
        (
            {"schedule": {"explanation": {"to": 0}}},
            {"answer": 10, "end": 1},
            "explain.loss.schedule.explanation: none of the training rows has",
        ),
    ],
)
def test_a_weight_that_no_token_has_is_refused(
    block: dict[str, Any], tokens: Any, message: str
) -> None:
    with pytest.raises(ExplainError) as caught:
        refuse_unread_weights(parse_loss(block), tokens)
    assert str(caught.value).startswith(message)


def test_an_empty_block_and_equal_weights_need_no_token_of_any_kind() -> None:
    for block in ({}, {"weights": {"explanation": 1, "answer": 1}}):
        refuse_unread_weights(parse_loss(block), {"end": 1})


def test_every_option_of_the_loss_is_described() -> None:
    models = (LossOptions, WeightOptions, ShareOptions, ScheduleOptions, RampOptions)
    for model in models:
        for field in model.model_fields.values():
            assert field.description
