"""`axolotl explain sweep` from grid to report, with commands that take no time."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from axolotl_explain.cli import main


@pytest.fixture
def grid(base: dict[str, Any], tmp_path: Path, quick_commands: None) -> Path:
    """A grid of three levels, of which short cannot be trained."""
    Path("fails").write_text("short")
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
