"""How many units the explanations of training rows have."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.training.explanation_units import count_units
from tests.fixtures.bench import Bench, entry, sum_row

LINES = "One.\nTwo. Three.\nFour."


def rows() -> list[dict[str, Any]]:
    many = sum_row(1, explanations={"long": LINES})
    return [sum_row(0), many, sum_row(2, explanations={"short": "No."})]


@pytest.mark.parametrize(("unit", "longest"), [("line", 3), ("sentence", 4)])
def test_the_longest_explanation_of_the_training_rows_is_found(
    bench: Bench, unit: Any, longest: int
) -> None:
    longer = sum_row(3, explanations={"long": f"{LINES}\nFive. Six."})
    recipe = bench.recipe(
        datasets=[entry(bench.rows(rows()))],
        test_datasets=[entry(bench.rows([longer], "test.jsonl"))],
        explain={"on_missing_level": "answer_only"},
    )
    count = count_units(recipe, unit)
    assert (count.longest, count.rows, count.explained) == (longest, 3, 2)


def test_tokens_are_those_of_the_explanation_alone(bench: Bench) -> None:
    recipe = bench.recipe(datasets=[entry(bench.rows([sum_row(1)]))])
    strategy = bench.strategy(datasets=recipe["datasets"])
    text = sum_row(1)["explanations"]["long"]
    count = count_units(recipe, "token")
    assert count.longest == strategy.num_tokens(text)
