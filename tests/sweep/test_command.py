"""`axolotl explain sweep` from grid to report, with commands that take no time."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from axolotl_explain.cli import main
from axolotl_explain.sweep.commands import MODULES

TRAIN = """
import sys, yaml
recipe = yaml.safe_load(open(sys.argv[-1]))
print("the first words")
if recipe["explain"]["level"] == "short":
    raise SystemExit("the reason why")
"""
EVALUATE = """
import json, sys
from pathlib import Path
from axolotl_explain.evaluation.completion import Completion
from axolotl_explain.evaluation.store import store
import yaml
given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
recipe = yaml.safe_load(open(given["--recipe"]))
level = recipe["explain"]["level"]
completions = [
    Completion.from_dict({
        "data": given["--data"], "model": given["--model"], "level": level, "row": row,
        "id": None, "prompt": "p", "completion": "c", "answer": "1", "extracted": "1",
        "exact_match": level == "long", "flexible_match": True, "truncated": False,
        "num_tokens": 3, "meta": {},
    })
    for row in (1, 2)
]
facts = {"model": given["--model"], "recipe_content": recipe, "data": given["--data"]}
store(Path(given["--out"]), completions, facts)
"""


@pytest.fixture
def grid(base: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grid of three levels, of which short cannot be trained."""
    here = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", here)
    (tmp_path / "fake_train.py").write_text(TRAIN)
    (tmp_path / "fake_eval.py").write_text(EVALUATE)
    monkeypatch.setitem(MODULES, "accelerate", "fake_train")
    monkeypatch.setitem(MODULES, "axolotl_explain", "fake_eval")
    (tmp_path / "recipe.yml").write_text(yaml.safe_dump(base))
    levels = {"explain.level": ["none", "short", "long"]}
    content = {"recipe": "recipe.yml", "out": "out", "grid": levels}
    path = tmp_path / "grid.yml"
    path.write_text(yaml.safe_dump(content))
    return path


def sweep(grid: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["sweep", str(grid), "--jobs", "2", *options])


def test_a_failing_run_is_shown_and_the_others_finish(grid: Path) -> None:
    done = sweep(grid)
    assert done.exit_code == 1, done.output
    assert "short failed: training short ended with exit code 1" in done.output
    assert "the reason why" in done.output
    assert "Failed: short, see out/runs/short/commands.log" in done.output
    assert "2 of 3 runs are finished" in done.output
    results = json.loads(Path("out/results.json").read_text())["runs"]
    states = {run["name"]: run["state"] for run in results}
    assert states == {"none": "finished", "short": "failed", "long": "finished"}
    page = Path("out/report/report.html").read_text()
    assert "long" in page
    assert "out/runs/short" not in page
    again = sweep(grid)
    assert "none  kept, exact match 0.0%" in again.output
    assert "long  kept, exact match 100.0%" in again.output
    assert "short failed" in again.output


def test_a_fault_of_the_grid_is_told_before_anything_runs(grid: Path) -> None:
    content = yaml.safe_load(grid.read_text())
    content["grid"]["explain.level"].append("longer")
    grid.write_text(yaml.safe_dump(content))
    done = sweep(grid)
    assert done.exit_code == 1
    assert "longer: explain.level: 'longer' is no level" in done.output
    assert not Path("out").exists()


def test_ray_is_asked_for_by_name_where_it_is_missing(
    grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    done = sweep(grid, "--ray")
    assert done.exit_code == 1
    assert "--ray: Ray is not installed" in done.output
