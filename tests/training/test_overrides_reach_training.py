"""Overrides of a command line and dotted keys of a recipe change what is trained."""

from __future__ import annotations

from typing import Any

import pytest
from axolotl.cli.config import load_cfg
from axolotl.loaders import load_tokenizer
from axolotl.utils.data import prepare_datasets

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
