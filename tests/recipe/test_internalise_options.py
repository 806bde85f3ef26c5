"""The block `explain.internalise`: what it may say, and what of it reaches rows."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.recipe.carrier import CARRIER, from_entry
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.internalise_options import (
    internalise_block,
    parse_internalise,
)
from axolotl_explain.targets.stages import StageCut
from tests.fixtures.bench import entry, refusal


def recipe(**explain: Any) -> dict[str, Any]:
    return {"explain": explain, "datasets": [entry("org/rows")]}


def carried(**explain: Any) -> str:
    whole = recipe(**explain)
    install_settings(whole)
    return str(whole["datasets"][0][CARRIER])


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (
            {"unit": "lines"},
            "explain.internalise.unit: 'lines' is not allowed; use line or sentence or "
            "token.",
        ),
        (
            {"step": 0},
            "explain.internalise.step: 0 is not allowed; use a whole number of at "
            "least 1.",
        ),
        (
            {"side": "start"},
            "explain.internalise.side: 'start' is not allowed; use left or right.",
        ),
        (
            {"until": 98},
            "explain.internalise.until: 98.0 is not allowed; use a number above 0 and "
            "not above 1.",
        ),
        (
            {"mix": 1},
            "explain.internalise.mix: 1.0 is not allowed; use a number of at least 0 "
            "and below 1.",
        ),
        (
            {"tolerence": 0.1},
            "explain.internalise.tolerence: no such key; did you mean tolerance?",
        ),
        (
            3,
            "explain.internalise: 3 is no block of keys and values; known keys: unit",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(block: Any, said: str) -> None:
    assert said in refusal(parse_internalise, block)
    assert said in refusal(install_settings, recipe(level="long", internalise=block))


def test_a_number_may_be_written_as_yaml_reads_it() -> None:
    found = parse_internalise({"learning_rate": "1e-4", "smoothing": 4, "until": 1})
    assert (found.learning_rate, found.smoothing, found.until) == (1e-4, 4.0, 1.0)


@pytest.mark.parametrize("off", [0, None])
def test_smoothing_can_be_switched_off(off: Any) -> None:
    found = parse_internalise({"smoothing": off, "stage": 1}).cut(0)
    assert found == StageCut(1, smoothing=None)


def test_without_a_stage_and_at_the_first_rows_are_those_of_the_plain_recipe() -> None:
    plain = carried(level="long")
    for block in (None, {}, {"step": 3}, {"stage": 0, "mix": 0.5}):
        assert carried(level="long", internalise=block) == plain


def test_a_stage_changes_the_key_of_prepared_data_and_not_the_prompt() -> None:
    plain = {"datasets": [entry("org/rows")], "explain": {"level": "long"}}
    install_settings(plain)
    found = {}
    for stage in (1, 2):
        whole = recipe(level="long", seed=5, internalise={"stage": stage})
        install_settings(whole)
        found[stage] = from_entry(whole["datasets"][0])
    assert found[1].to_json() != found[2].to_json()
    assert found[2].cut == StageCut(2, smoothing=4.0, seed=5)
    assert found[2].requests == from_entry(plain["datasets"][0]).requests


def test_what_grows_begins_with_nothing() -> None:
    text = carried(level="long", internalise={"start": "nothing", "stage": 0})
    assert text != carried(level="long")


def test_a_dataset_has_no_stage_of_its_own() -> None:
    whole = recipe(level="long")
    whole["datasets"][0]["explain"] = {"internalise": {"stage": 1}}
    assert refusal(install_settings, whole) == (
        "datasets[0].explain.internalise: a stage is one of the whole training; put "
        "the block under explain: at the top level of the recipe."
    )


@pytest.mark.parametrize("order", ["answer_first", "multitask"])
def test_answers_that_follow_no_explanation_are_refused(order: str) -> None:
    whole = recipe(level="long", order=order, internalise={"stage": 1})
    said = refusal(install_settings, whole)
    assert said.startswith(f"datasets[0].explain.order: {order} puts no explanation")


def test_no_block_is_none() -> None:
    assert internalise_block({"explain": {"level": "long"}}) is None
    assert internalise_block({}) is None
