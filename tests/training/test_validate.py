"""Axolotl's own validation of a recipe, for a machine of either kind."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.training.validate import Machine, validated_config
from tests.fixtures.bench import GENRES, Bench, entry

pytestmark = pytest.mark.usefixtures("fresh_process")


@pytest.fixture
def recipe(bench: Bench) -> dict[str, Any]:
    return bench.recipe(datasets=[entry(str(GENRES))])


def test_the_config_has_defaults_and_the_recipe_stays_as_it_is(
    recipe: dict[str, Any],
) -> None:
    before = deepcopy(recipe)
    cfg = validated_config(recipe, "cpu")
    assert recipe == before
    assert cfg.base_model == recipe["base_model"]
    assert "strict" not in recipe
    assert cfg.strict is False


def refusal(recipe: dict[str, Any], machine: Machine) -> str:
    try:
        validated_config(recipe, machine)
    except ValidationError as error:
        return str(error)
    return ""


def test_what_this_kind_of_machine_cannot_do_is_refused(
    recipe: dict[str, Any],
) -> None:
    reason = "fp8 is not supported on this GPU"
    assert reason in refusal({**recipe, "fp8": True}, "cpu")
    assert reason not in refusal({**recipe, "fp8": True}, "gpu")


def test_a_value_that_axolotl_refuses_is_named(recipe: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="sequence_len"):
        validated_config({**recipe, "sequence_len": "long"}, "cpu")


def test_a_faulty_block_of_this_package_is_its_own_error(
    recipe: dict[str, Any],
) -> None:
    with pytest.raises(ExplainError, match=r"^explain\.levle: no such key"):
        validated_config({**recipe, "explain": {"levle": "long"}}, "gpu")
