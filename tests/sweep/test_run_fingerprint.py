"""A run is known by the content of its files, also of those a pattern finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.sweep.run_fingerprint import file_digests


def test_files_that_a_pattern_finds_are_known_by_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("parts").mkdir()
    Path("parts/a.jsonl").write_text("one")
    entry = {"path": "parts", "data_files": "parts/*.jsonl", "template": "What? [a]/*"}
    first = file_digests(entry)
    assert list(first) == ["parts/a.jsonl"]
    Path("parts/b.jsonl").write_text("two")
    assert list(file_digests(entry)) == ["parts/a.jsonl", "parts/b.jsonl"]
