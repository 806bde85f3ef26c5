"""What sets runs apart, and what may differ between runs that are compared."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.results.run_settings import name_settings, run_settings

RECIPE: dict[str, Any] = {
    "base_model": "tiny",
    "learning_rate": 0.001,
    "seed": 1,
    "output_dir": "out/a",
    "explain": {"level": "long"},
    "datasets": [{"path": "train.jsonl", "split": "train[:3]"}],
}


def differing(changes: dict[str, Any], rows: tuple[int, int] = (3, 3)) -> set[str]:
    """The settings in which a recipe with these changes is another one."""
    one = dict(run_settings(RECIPE, "tiny", rows[0]))
    other = dict(run_settings({**RECIPE, **changes}, "tiny", rows[1]))
    return {key for key in {*one, *other} if one.get(key) != other.get(key)}


def test_slices_are_told_by_the_number_of_rows_alone() -> None:
    more = {"datasets": [{"path": "train.jsonl", "split": "train[:5]"}]}
    assert differing(more, (3, 5)) == {"training rows"}


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 2},
        {"output_dir": "out/b"},
        {"explain": {"level": "none"}},
        {"wandb_project": "films"},
    ],
)
def test_seed_folder_level_and_logging_may_differ(changes: dict[str, Any]) -> None:
    assert differing(changes) == set()


def test_a_mix_of_levels_is_another_setting_than_one_level() -> None:
    assert differing({"explain": {"level": "all"}}) == {"explain.level"}


def test_settings_are_named_by_what_differs() -> None:
    few, many = (
        run_settings({**RECIPE, "learning_rate": rate}, "tiny", 3)
        for rate in (0.001, 0.01)
    )
    names = name_settings([few, many, few])
    assert names == {few: "learning_rate 0.001", many: "learning_rate 0.01"}
    assert name_settings([few, few]) == {few: ""}
