"""The file of a sweep, and the runs that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.sweep.grid import Evaluate, Grid, read_grid
from axolotl_explain.sweep.grid_points import grid_points

BASE = {"recipe": "recipe.yml", "out": "outputs/sweep"}


def written(tmp_path: Path, **content: Any) -> str:
    path = tmp_path / "grid.yml"
    path.write_text(yaml.safe_dump({**BASE, **content}, sort_keys=False))
    return str(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"gird": {}}, "gird: no such key; did you mean grid"),
        ({"grid": {"seed": 1}}, r"grid: seed has 1; write its values as a list"),
        ({"grid": {"seed": []}}, r"grid: seed has \[\]; write"),
        ({"grid": {"seed": [1, 1]}}, "seed has a value twice"),
        ({"together": {"size": {"a": 1}}}, "size has .* write a list of blocks"),
        ({"together": [{"seed": 1}]}, "together"),
        ({"evaluate": {"limt": 5}}, r"evaluate\.limt: no such key; did you mean limit"),
        ({"evaluate": {"limit": 0}}, r"evaluate\.limit: 0 is not allowed"),
        (
            {"grid": {"seed": [1]}, "together": {"size": [{"seed": 2}]}},
            r"seed is given by grid and by together\.size",
        ),
        ({"recipe": None}, "recipe"),
    ],
)
def test_a_fault_is_told_with_the_file_and_the_key(
    tmp_path: Path, content: dict[str, Any], said: str
) -> None:
    with pytest.raises(ExplainError, match=said) as caught:
        read_grid(written(tmp_path, **content))
    assert str(caught.value).startswith(str(tmp_path / "grid.yml"))


def test_the_options_of_the_evaluation_are_those_of_the_command() -> None:
    from axolotl_explain.cli.evaluate import evaluate

    block = Evaluate(
        data=["a.jsonl"],
        limit=5,
        levels=["none", "long"],
        base=True,
        max_new_tokens=7,
        batch_size=3,
        batch_tokens=99,
        engine="vllm",
        math_verify=True,
    )
    typed = ["--recipe", __file__, "--data", "a.jsonl", *block.options()]
    read = evaluate.make_context("eval", list(typed)).params
    said = block.model_dump()
    assert {key: read[key] for key in said} == {**said, "data": ("a.jsonl",)}
    assert Evaluate().options() == []


def test_every_combination_is_a_point_of_its_own() -> None:
    sizes = [
        {"name": "tiny", "hidden": 8, "layers": 1},
        {"name": "small", "hidden": 16},
    ]
    grid = Grid(
        **BASE,
        grid={"explain.level": ["none", "long"], "seed": [1, 2]},
        together={"size": sizes},
    )
    found = grid_points(grid)
    expected = []
    for size in sizes:
        for level in ("none", "long"):
            for seed in (1, 2):
                values = {key: size[key] for key in size if key != "name"}
                expected.append({**values, "explain.level": level, "seed": seed})
    assert [point.values for point in found] == expected
    assert [point.name for point in found][:3] == [
        "tiny-none-seed1",
        "tiny-none-seed2",
        "tiny-long-seed1",
    ]


def test_excluded_combinations_are_left_out() -> None:
    content = {
        **BASE,
        "grid": {"explain.level": ["none", "long"]},
        "together": {"size": [{"name": "tiny", "seed": 1}, {"name": "big", "seed": 2}]},
    }
    some = Grid(**content, exclude=[{"size": "big", "explain.level": "long"}])
    assert [one.name for one in grid_points(some)] == [
        "tiny-none",
        "tiny-long",
        "big-none",
    ]
    assert len(grid_points(Grid(**content, exclude=[{"size": "big"}]))) == 2
    with pytest.raises(
        ExplainError, match=r"exclude\[0\]: no run has {'size': 'huge'}"
    ):
        grid_points(Grid(**content, exclude=[{"size": "huge"}]))
    with pytest.raises(ExplainError, match="exclude: leaves no run"):
        grid_points(Grid(**content, exclude=[{}]))


def test_a_grid_without_values_is_one_run() -> None:
    (point,) = grid_points(Grid(**BASE))
    assert point.name == "run"
    assert point.values == {}


def test_runs_that_would_share_a_name_are_refused() -> None:
    grid = Grid(**BASE, grid={"base_model": ["models/a/tiny", "models/b/tiny"]})
    with pytest.raises(ExplainError, match="two runs would be called tiny"):
        grid_points(grid)


def test_a_name_that_no_folder_could_have_is_refused() -> None:
    grid = Grid(**BASE, grid={"base_model": ["x" * 200]})
    with pytest.raises(ExplainError, match="too long for a folder"):
        grid_points(grid)


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("explain.level", {"none": 1, "long": 3}, "none1-long3"),
        ("learning_rate", 0.002, "learning_rate0.002"),
        ("learning_rate", "2e-4", "learning_rate2e-4"),
        ("sample_packing", True, "sample_packing-true"),
        ("datasets[0].split", "train[:500]", "train500"),
        ("base_model", "org/Model-1.5B", "Model-1.5B"),
    ],
)
def test_names_are_readable_and_safe(key: str, value: Any, name: str) -> None:
    (point,) = grid_points(Grid(**BASE, grid={key: [value]}))
    assert point.name == name


def test_a_label_names_what_a_block_is_made_of() -> None:
    grid = Grid(
        **BASE,
        grid={"scratch_model.seed": [1], "seed": [5]},
        together={"size": [{"name": "tiny", "scratch_model.config.hidden_size": 8}]},
    )
    (point,) = grid_points(grid)
    assert point.label("scratch_model") == "tiny-scratch_model.seed1"
    assert point.label("task_data") == ""
