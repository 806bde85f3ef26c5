"""One row passes few files on its way from JSONL to labels."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.way_of_a_row import way_of_a_row

MOST_FILES = 18


@pytest.mark.parametrize("kind", ["instruct", "chat"])
def test_a_row_passes_few_files(tmp_path: Path, kind: str) -> None:
    passed = way_of_a_row(tmp_path, kind)
    assert f"{kind}.py" in passed
    assert {"targets/training_rows.py", "core/target.py", "tokens/encoder.py"} <= set(
        passed
    )
    assert len(passed) <= MOST_FILES, passed
