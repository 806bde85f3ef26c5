"""Overrides of a command line and dotted keys of a recipe change what is trained."""

from __future__ import annotations

from typing import Any

import pytest
from axolotl.cli.config import load_cfg
from axolotl.loaders import load_tokenizer
from axolotl.utils.data import prepare_datasets

from axolotl_explain.recipe.loss_options import loss_block
from tests.fixtures.bench import Bench, Prepared, entry, refusal, sum_row

ROW = sum_row(1)


def target(bench: Bench, recipe: dict[str, Any], **options: Any) -> str:
    """The one trained text, with options as the command line hands them on."""
    path = bench.write(datasets=[entry(bench.rows([ROW]))], **recipe)
    cfg = load_cfg(str(path), **options)
    tokenizer = load_tokenizer(cfg)
    train, evaluation, *_ = prepare_datasets(cfg, tokenizer)
    ((_, text),) = Prepared(cfg, tokenizer, train, evaluation).texts
    return text


@pytest.mark.parametrize(
    ("recipe", "options"),
    [
        ({"explain": {"level": "long"}}, {"explain.level": "short"}),
        ({}, {"explain.level": "short"}),
        ({"explain": {"level": "long"}, "explain.level": "short"}, {}),
        ({}, {"datasets[0].explain.level": "short"}),
    ],
)
def test_a_dotted_option_is_trained(
    bench: Bench, recipe: dict[str, Any], options: dict[str, Any]
) -> None:
    assert target(bench, recipe, **options).startswith(ROW["explanations"]["short"])


def test_the_level_none_can_be_asked_for(bench: Bench) -> None:
    assert target(bench, {}, **{"explain.level": "none"}).startswith("Final answer")


def test_a_dotted_option_that_does_not_exist_is_named(bench: Bench) -> None:
    message = refusal(target, bench, {}, **{"explain.levl": "short"})
    assert message.startswith("explain.levl: no such key; did you mean level?")


@pytest.mark.parametrize(
    "options",
    [
        {"explain.loss.weights.explanation": 0.3},
        {"explain__loss__weights__explanation": 0.3},
        {"explain__loss": {"weights": {"explanation": 0.3}}},
    ],
)
@pytest.mark.parametrize("block", [{}, {"loss": {"weights": {"answer": 2}}}])
def test_a_weight_of_the_loss_can_be_given(
    bench: Bench, options: dict[str, Any], block: dict[str, Any]
) -> None:
    path = bench.write(datasets=[entry(bench.rows([ROW]))], explain=block)
    weights = loss_block(load_cfg(str(path), **options)).resolve({}).start
    kept = 1.0 if "explain__loss" in options or not block else 2.0
    assert (weights["explanation"], weights["answer"]) == (0.3, kept)


def test_the_block_of_the_loss_can_be_taken_out(bench: Bench) -> None:
    path = bench.write(datasets=[entry(bench.rows([ROW]))], explain={"loss": {}})
    assert loss_block(load_cfg(str(path))) is not None
    assert loss_block(load_cfg(str(path), **{"explain.loss": None})) is None


def test_a_misspelt_kind_is_named_by_its_whole_path(bench: Bench) -> None:
    options = {"explain__loss__weights__explanatoin": 0.3}
    message = refusal(target, bench, {}, **options)
    assert message.startswith("explain.loss.weights.explanatoin: no such key; did you ")
