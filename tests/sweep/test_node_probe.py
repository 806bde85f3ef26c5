"""What a machine of a cluster answers about the folders of a sweep."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from axolotl_explain.sweep import node_probe
from axolotl_explain.sweep.node_probe import look, marks_in, trouble


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_probe, "PATIENCE", 0.0)


def test_a_shared_folder_gives_no_trouble_and_is_left_as_it_was(tmp_path: Path) -> None:
    with marks_in([tmp_path]) as marks:
        assert look(marks, [])["troubles"] == {marks[0]: ""}
        assert [str(path) for path in tmp_path.iterdir()] == marks
    assert not [*tmp_path.iterdir()]


def test_another_folder_at_the_same_path_is_told_apart(tmp_path: Path) -> None:
    """It even has the mark of an earlier sweep."""
    shared, place = tmp_path / "shared", tmp_path / "place"
    shared.mkdir()
    place.symlink_to(shared)
    with marks_in([shared]) as marks:
        there = str(place / Path(marks[0]).name)
        assert trouble(there) == ""
        place.unlink()
        place.mkdir()
        (place / ".sweep.0.mark").touch()
        assert trouble(there) == "does not see"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_can_only_be_read_is_trouble(tmp_path: Path) -> None:
    with marks_in([tmp_path]) as marks:
        tmp_path.chmod(0o500)
        try:
            assert trouble(marks[0]) == "cannot write into"
        finally:
            tmp_path.chmod(0o700)


def test_versions_are_those_of_what_is_installed() -> None:
    found = look([], ["pytest", "no-such-package"])["versions"]
    assert found == {
        "python": ".".join(map(str, sys.version_info[:3])),
        "pytest": pytest.__version__,
    }


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(node_probe.__file__).read_text("utf-8"))
    names = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
        )
    }
    assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)
