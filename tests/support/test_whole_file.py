"""Files that are written whole or not at all, and known by their content."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from axolotl_explain.support.whole_file import digest_file, write_whole


def test_text_is_written_as_utf_8_and_bytes_as_they_are(tmp_path: Path) -> None:
    write_whole(tmp_path / "text", "→ é\n")
    write_whole(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "text").read_bytes() == b"\xe2\x86\x92 \xc3\xa9\n"
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"


def test_an_earlier_file_is_replaced_and_nothing_stays_beside_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").write_text("a longer text than the new one")
    write_whole(tmp_path / "a", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "new"


def test_the_name_never_holds_a_part_of_the_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    replace = os.replace
    monkeypatch.setattr(
        os,
        "replace",
        lambda part, path: (seen.append(path.exists()), replace(part, path)),
    )
    write_whole(tmp_path / "a", "x" * 100_000)
    assert seen == [False]
    assert (tmp_path / "a").stat().st_size == 100_000


def test_a_failure_leaves_the_earlier_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old")

    def refused(part: Path, path: Path) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "a", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


def test_a_digest_depends_on_the_content_alone(tmp_path: Path) -> None:
    content = b"row\n" * 100_000
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(content)
        expected = hashlib.sha256(content).hexdigest()
        assert digest_file(tmp_path / name) == expected
    (tmp_path / "b").write_bytes(content[:-1])
    assert digest_file(tmp_path / "b") != expected
