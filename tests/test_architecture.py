"""docs/architecture.md names files and floors that are there."""

from __future__ import annotations

import re
from pathlib import Path

import axolotl_explain
from tests.test_imports import FLOORS

PACKAGE = Path(axolotl_explain.__file__).parent
ROOT = PACKAGE.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_file_that_the_page_names_is_there() -> None:
    names = set(re.findall(r"`([\w/]+(?:\.py|\.yml|/))`", PAGE))
    assert len(names) > 50
    inside = [PACKAGE, ROOT, *(path for path in PACKAGE.iterdir() if path.is_dir())]
    missing = [
        name for name in names if not any((place / name).exists() for place in inside)
    ]
    assert set(missing) <= {"axolotl_explain/", "recipes/FAMILY/"}


def test_the_picture_shows_the_floors_that_the_imports_keep() -> None:
    picture = PAGE.partition("```text\n")[2].partition("```")[0]
    floor, shown = -1, {}
    for line in picture.splitlines():
        floor = int(line[0]) if line[0].isdigit() else floor
        for name in re.findall(r"\b(\w+)(?:/|\.py)", line):
            shown[name] = floor
    assert shown == {
        name: floor for name, floor in FLOORS.items() if name not in ("", "__main__")
    }
