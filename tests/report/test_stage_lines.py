"""The stages of a chain are one line in the chart of what answers cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolotl_explain.report.chart import Chart
from axolotl_explain.report.write_report import collect
from tests.fixtures.runs import completion

WriteRun = Callable[..., Path]


def stage(
    write_run: WriteRun, number: int, seed: int = 1, data: str = "test", **block: Any
) -> Path:
    """A run that answers ever fewer rows right, with ever fewer tokens."""
    internalise = {"stage": number, **block}
    before = "base" if number == 0 else f"out/{seed}/stage-{number - 1}"
    recipe = {
        "explain": {"level": "long", "internalise": internalise},
        "base_model": before,
        "learning_rate": 0.001 if number == 0 else 0.0005,
        "seed": seed,
        **({"scratch_model": {"config": {}}} if number == 0 else {}),
    }
    right, tokens = 20 - number, 12 - 4 * number
    lines = [
        completion(
            row, "long", row < right, num_tokens=tokens, data=f"data/{data}.jsonl"
        )
        for row in range(20)
    ]
    name = "-".join([f"seed{seed}", data, *map(str, block.values()), f"stage{number}"])
    return write_run(
        name, "long", 0, seed=seed, lines=lines, recipe_content=recipe,
        base_model=before, train_rows=None,
    )  # fmt: skip


def tokens_chart(folders: list[Path]) -> Chart:
    charts = collect(folders).charts
    return next(one for one in charts if one.name == "accuracy_by_tokens")


def test_the_stages_of_a_chain_are_joined_in_their_order(write_run: WriteRun) -> None:
    chart = tokens_chart([stage(write_run, number) for number in (2, 0, 1)])
    (line,) = chart.series
    assert chart.kind == "bars"
    assert line.label == "long, internalising, test"
    assert [(point.x, point.y) for point in line.points] == [
        (12, 100.0),
        (8, 95.0),
        (4, 90.0),
    ]


def test_seeds_of_a_chain_are_one_line_and_other_chains_another(
    write_run: WriteRun,
) -> None:
    folders = [
        stage(write_run, number, seed) for seed in (1, 2) for number in (0, 1, 2)
    ]
    folders += [stage(write_run, number, side="right") for number in (0, 1, 2)]
    chart = tokens_chart(folders)
    assert [len(one.points) for one in chart.series] == [3, 3]
    assert [one.points[0].rows for one in chart.series] == [20, 20]
    assert len({one.label for one in chart.series}) == 2


def test_a_chain_that_is_asked_two_files_is_one_chain(write_run: WriteRun) -> None:
    folders = [
        stage(write_run, number, data=data) for number in (0, 1) for data in ("a", "b")
    ]
    labels = {one.label for one in tokens_chart(folders).series}
    assert labels == {"long, internalising, a", "long, internalising, b"}


def test_other_runs_stay_points_beside_the_line(write_run: WriteRun) -> None:
    folders = [stage(write_run, number) for number in (0, 1)]
    folders.append(write_run("none", "none", 3))
    chart = tokens_chart(folders)
    assert sorted(len(one.points) for one in chart.series) == [1, 2]


def test_without_stages_the_chart_is_what_it_was(write_run: WriteRun) -> None:
    chart = tokens_chart([write_run(level, level, 9) for level in ("none", "long")])
    assert chart.kind == "points"
    assert [len(one.points) for one in chart.series] == [1, 1]
