"""What Axolotl logs while a model is evaluated goes with the process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.bench import ROOT, Bench, entry, sum_row

LOAD_TWICE = """
import sys
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.training.load import load_config
first, second = (load_config(read_recipe(sys.argv[1])) for _ in range(2))
print("folder", first.output_dir == second.output_dir)
"""


def test_no_temporary_folder_is_left_behind(bench: Bench, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    recipe = bench.write(datasets=[entry(bench.rows([sum_row(1)]))])
    done = subprocess.run(
        [sys.executable, "-c", LOAD_TWICE, str(recipe)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "folder True" in done.stdout
    assert [path.name for path in temporary.glob("axolotl-explain*")] == []
