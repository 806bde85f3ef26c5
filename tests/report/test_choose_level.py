"""Which level is chosen, and that no more is claimed than a test carries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from axolotl_explain.report.choose_level import LevelChoice
from axolotl_explain.report.write_report import collect
from tests.fixtures.runs import completion
from tests.report.planted import plant

Write = Callable[..., Path]


def choose(folders: list[Path], margin: float = 0.02) -> tuple[LevelChoice, str]:
    ((_, choice),) = collect(folders, margin).choices()
    return choice, " ".join(choice.reasons).replace("\u00a0", " ")


def test_the_smallest_level_that_is_enough_is_chosen(write_run: Write) -> None:
    shares = {"none": 0.3, "short": 0.5, "medium": 0.9, "long": 0.9}
    choice, words = choose(plant(write_run, shares, 5, 1500, 0.005))
    assert choice.level == "medium"
    assert "shown that no other level is better by 2 points or more" in words
    assert "Levels none and short are shown to be worse." in words


def test_a_wider_margin_lets_a_smaller_level_be_enough(write_run: Write) -> None:
    folders = plant(write_run, {"short": 0.8, "long": 0.84}, 5, 800, 0.005)
    assert choose(folders)[0].level == "long"
    choice, words = choose(folders, 0.1)
    assert choice.level == "short"
    assert "by 10 points or more" in words


def test_seeds_so_far_apart_that_no_interval_is_honest_are_printed(
    write_run: Write,
) -> None:
    folders = [
        write_run(f"{level}{seed}", level, right, rows=100, seed=seed)
        for level, found in (("none", (9, 11, 10)), ("long", (75, 100, 100)))
        for seed, right in enumerate(found)
    ]
    choice, words = choose(folders)
    assert choice.level == "long"
    assert "long at 91.7 % (seeds 75.0, 100.0, 100.0)" in words


def test_rows_and_seeds_are_named_and_one_seed_is_no_proof(write_run: Write) -> None:
    folders = [write_run("a", "none", 5), write_run("b", "long", 15)]
    last = choose(folders)[0].reasons[-1]
    assert "20 rows and 1 seed for each level" in last
    assert "one seed cannot tell" in last


def test_a_single_level_is_no_choice(write_run: Write) -> None:
    choice, words = choose([write_run("a", "long", 5)])
    assert (choice.level, choice.headline) == (None, "No choice")
    assert "Only one level was evaluated: long at 25.0 %" in words


def test_levels_that_are_none_of_the_four_are_not_chosen(write_run: Write) -> None:
    choice, words = choose([write_run("a", "any", 5)])
    assert choice.level is None
    assert "none to choose" in words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (0.8, "do not carry that training at level long has improved on it"),
        (0.1, "level long gains +7"),
    ],
)
def test_the_model_before_training_is_compared_with_what_was_chosen(
    write_run: Write, before: float, words: str
) -> None:
    folders = plant(write_run, {"none": 0.1, "long": 0.8}, 3, 300, 0.01)
    lines = [
        completion(row, "long", row < before * 300, model=None, num_tokens=4)
        for row in range(300)
    ]
    recipe = {"explain": {"level": "long"}, "learning_rate": 0.001}
    base = write_run("base", "long", 0, lines=lines, recipe_content=recipe)
    assert words in choose([*folders, base])[1]
