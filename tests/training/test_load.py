"""What Axolotl logs while a model is evaluated goes with the process."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures import forked
from tests.fixtures.bench import ROOT, Bench, entry, sum_row


def test_no_temporary_folder_is_left_behind(bench: Bench, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    recipe = bench.write(datasets=[entry(bench.rows([sum_row(1)]))])
    done = forked.run(
        "tests.fixtures.load_twice",
        str(recipe),
        cwd=ROOT,
        env={"TMPDIR": str(temporary)},
    )
    assert "folder True" in done.stdout
    assert [path.name for path in temporary.glob("axolotl-explain*")] == []
