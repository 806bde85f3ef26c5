"""What is pooled, and what is kept apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from axolotl_explain.report.write_report import collect
from axolotl_explain.results.interval import wilson_interval
from axolotl_explain.statistics.mean import mean_of
from tests.fixtures.runs import completion

Write = Callable[..., Path]


def test_seeds_are_pooled_and_counted(write_run: Write) -> None:
    folders = [write_run(f"a{seed}", "long", 10, seed=seed) for seed in (1, 2, 3)]
    (arm,) = collect(folders).arms
    assert (arm.level, arm.seeds, arm.rows) == ("long", 3, 20)
    assert arm.verdicts is not None
    assert arm.mean == mean_of(arm.verdicts)
    assert 0.2 < (arm.mean.low or 0) < 0.5 < (arm.mean.high or 1) < 0.8


def test_one_run_has_the_interval_of_its_rows(write_run: Write) -> None:
    (arm,) = collect([write_run("a", "long", 10)]).arms
    low, high = wilson_interval(10, 20)
    assert (arm.mean.low, arm.mean.high) == pytest.approx((low, high), abs=1e-4)


def test_seeds_too_far_apart_have_no_interval(write_run: Write) -> None:
    folders = [write_run("a", "long", 0, seed=1), write_run("b", "long", 20, seed=2)]
    (arm,) = collect(folders).arms
    assert (arm.share, arm.mean.low, arm.mean.high) == (0.5, None, None)


def test_one_seed_that_was_evaluated_twice_counts_once(write_run: Write) -> None:
    folders = [write_run(name, "long", 10, seed=1) for name in ("a", "b")]
    (arm,) = collect(folders).arms
    assert arm.verdicts is not None
    assert (arm.seeds, arm.verdicts.seeds) == (1, 1)


def test_a_base_model_asked_behind_solved_rows_is_an_arm_of_its_own(
    write_run: Write,
) -> None:
    lines = [{**completion(row, "none", row < 5), "model": None} for row in range(20)]
    plain = write_run("plain", "none", 0, lines=lines)
    behind = write_run("behind", "none", 0, lines=lines, settings={"shots": 4})
    arms = collect([plain, behind]).arms
    assert [arm.series for arm in arms] == [
        "untrained",
        "4 solved rows in front, untrained",
    ]


def test_results_without_verdicts_have_a_mean_and_a_wider_interval(
    write_run: Write,
) -> None:
    folders = [write_run(f"a{seed}", "long", 9 + seed, seed=seed) for seed in (1, 2, 3)]
    (kept,) = collect(folders).arms
    for folder in folders:
        old = {"levels": {"long": {"num_rows": 20, "exact_match": 0.5}}}
        metrics = folder / "evaluation" / "metrics.json"
        content = json.loads(metrics.read_text("utf-8"))
        metrics.write_text(json.dumps({**content, **old}), "utf-8")
        (folder / "evaluation" / "completions.jsonl").write_text("", "utf-8")
    (arm,) = collect(folders).arms
    assert arm.verdicts is None
    assert arm.share == 0.5
    assert arm.mean.low is not None
    assert kept.mean.low is not None
    assert 0.2 < arm.mean.low < 0.4


def test_lengths_count_rows_once_however_many_seeds_answer_them(
    write_run: Write,
) -> None:
    folders = [write_run(f"a{s}", "long", 7, rows=60, seed=s) for s in (1, 2, 3)]
    charts = {one.name: one for one in collect(folders).charts}
    (series,) = charts["accuracy_by_length"].series
    assert [point.rows for point in series.points] == [10] * 6


def test_what_differs_in_the_recipe_is_another_setting(write_run: Write) -> None:
    other = {"explain": {"level": "long"}, "learning_rate": 0.1}
    folders = [
        write_run("a", "long", 3),
        write_run("b", "long", 9, recipe_content=other),
    ]
    assert {arm.setting for arm in collect(folders).arms} == {
        "learning_rate 0.001",
        "learning_rate 0.1",
    }


def test_a_model_trained_on_several_levels_is_not_pooled_with_one_of_a_single_level(
    write_run: Write,
) -> None:
    mixed = {"explain": {"level": {"none": 1, "long": 3}}, "learning_rate": 0.001}
    folders = [
        write_run("a", "long", 3),
        write_run("b", "long", 9, recipe_content=mixed),
    ]
    assert len(collect(folders).arms) == 2


def test_levels_under_multitask_are_told_apart_by_the_recipe_alone(
    write_run: Write,
) -> None:
    folders = [
        write_run(
            level,
            "none",
            5,
            recipe_content={"explain": {"level": level, "order": "multitask"}},
        )
        for level in ("short", "long")
    ]
    assert [arm.setting for arm in collect(folders).arms] == [
        "explain.level short",
        "explain.level long",
    ]


def test_the_number_of_training_rows_is_a_setting_and_a_plot(write_run: Write) -> None:
    folders = [
        write_run(f"{level}{rows}", level, 5, train_rows=rows)
        for level in ("none", "long")
        for rows in (500, 2000)
    ]
    found = collect(folders)
    assert {arm.setting for arm in found.arms} == {
        "500 training rows",
        "2,000 training rows",
    }
    (chart,) = [one for one in found.charts if one.x_label == "training rows"]
    assert [series.label for series in chart.series] == ["none", "long"]
    assert [point.x for point in chart.series[0].points] == [500, 2000]


def test_the_base_model_is_one_arm_beside_the_trained(rich_runs: Path) -> None:
    found = collect([rich_runs])
    untrained = [arm for arm in found.arms if not arm.trained]
    assert [arm.series for arm in untrained] == ["untrained"]
    assert len(found.arms) == 9


def test_lengths_are_counted_and_the_training_range_is_shaded(write_run: Write) -> None:
    (chart,) = [
        one
        for one in collect([write_run("a", "long", 7, rows=60)]).charts
        if one.name == "accuracy_by_length"
    ]
    (series,) = chart.series
    # Row r has list_length 2 + r % 6; rows 0 to 6 are right, 0 and 6 of length 2.
    assert [point.x for point in series.points] == [2, 3, 4, 5, 6, 7]
    assert [point.y for point in series.points] == pytest.approx(
        [20, 10, 10, 10, 10, 10]
    )
    assert chart.shaded == (2, 5)


def test_first_wrong_steps_and_cells_are_as_counted_by_hand(rich_runs: Path) -> None:
    from axolotl_explain.report.result_tables import cell_rows, wrong_steps

    runs = collect([rich_runs]).runs
    everything = [
        one for run in runs for level in run.levels for one in level.completions
    ]
    short = [one for one in everything if one.level == "short"]
    cells = {row.level: row.counts for row in cell_rows(runs)}
    assert cells["short"] == [
        sum(
            one.exact_match is right and one.explanation_valid is valid for one in short
        )
        for right in (True, False)
        for valid in (True, False)
    ]
    step = wrong_steps(runs)[0]
    assert step.count == sum(
        (one.level, one.wrong_operator, one.wrong_step)
        == (step.level, step.operator, step.step)
        for one in everything
    )


def test_models_from_scratch_are_told_by_what_they_are_made_of(
    write_run: Write,
) -> None:
    """A folder is one for each seed of the weights; the sizes are the setting."""
    folders = []
    for size in (8, 16):
        for seed in (1, 2):
            recipe = {
                "base_model": f"models/{size}-{seed}",
                "scratch_model": {
                    "config": {"model_type": "gpt2", "hidden_size": size},
                    "seed": seed,
                },
                "explain": {"level": "long"},
                "seed": seed,
            }
            name = f"{size}-{seed}"
            folders.append(write_run(name, "long", 3, seed=seed, recipe_content=recipe))
    found = collect(folders)
    assert {run.model_name.partition(" (")[0] for run in found.runs} == {
        "gpt2 from scratch"
    }
    assert {(arm.setting, arm.seeds) for arm in found.arms} == {
        ("hidden_size 8", 2),
        ("hidden_size 16", 2),
    }
