"""Imports: each folder stands on a floor and imports only from floors below its own."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import axolotl_explain

PACKAGE = Path(axolotl_explain.__file__).parent
HEAVY = {"torch", "transformers", "datasets", "axolotl"}
FLOORS = {
    "core": 0,
    "support": 1,
    **dict.fromkeys(["grading", "memory", "servers", "statistics"], 2),
    **dict.fromkeys(["tasks", "tokens"], 2),
    **dict.fromkeys(["results", "sources", "targets"], 3),
    "recipe": 4,
    **dict.fromkeys(["catalog", "conversion", "report", "teacher", "training"], 5),
    **dict.fromkeys(["chat", "instruct", "seq2seq"], 6),
    **dict.fromkeys(["checking", "evaluation", "inspection", "sweep"], 6),
    **dict.fromkeys(["internalisation", "lm_eval_tasks", "plugin", "prompter"], 7),
    "cli": 8,
    **dict.fromkeys(["", "__main__"], 9),
}
"""Folder, or module at the root, -> its floor; "" is the package's own `__init__`."""

MEET_AXOLOTL = {
    *("chat", "checking", "evaluation", "inspection", "instruct", "plugin"),
    *("seq2seq", "training"),
}
"""What may import Axolotl at all, and anything heavy while it is loaded."""


def source_files() -> dict[str, Path]:
    """Dotted name within the package -> file; "" is the package itself."""
    files = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        files[".".join(part for part in parts if part != "__init__")] = file
    return files


FILES = source_files()


def folder(name: str) -> str:
    """The folder, or module at the root, that a module belongs to."""
    return name.partition(".")[0]


def imported(node: ast.AST, deep: bool) -> Iterator[str]:
    """Full names of what a piece of source imports.

    Args:
        deep: also inside functions, which run later; never under TYPE_CHECKING.
    """
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield str(node.module)
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    later = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    for child in ast.iter_child_nodes(node):
        checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        if not checking and (deep or not isinstance(child, later)):
            yield from imported(child, deep)


@cache
def imports_of(name: str, deep: bool) -> set[str]:
    return set(imported(ast.parse(FILES[name].read_text("utf-8")), deep))


def ours(name: str, deep: bool) -> set[str]:
    """The modules of this package that one of them imports, its own folder's too."""
    inner = {
        full.removeprefix("axolotl_explain.")
        for full in imports_of(name, deep)
        if full.startswith("axolotl_explain.")
    }
    return inner & set(FILES)


def reached(name: str) -> set[str]:
    """Packages of others that load when a module does."""
    seen: set[str] = set()
    roots: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            roots |= {full.split(".")[0] for full in imports_of(one, deep=False)}
            waiting += ours(one, deep=False)
    return roots


def upwards(name: str) -> list[str]:
    """What a module imports from its own floor or from one above."""
    floor, own = FLOORS[folder(name)], folder(name)
    return sorted(
        other
        for other in ours(name, deep=True)
        if folder(other) != own and FLOORS[folder(other)] >= floor
    )


def loaded_by(module: str) -> set[str]:
    """What of HEAVY a fresh interpreter holds after an import."""
    code = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return HEAVY & set(done.stdout.split())


def test_every_folder_has_a_floor() -> None:
    assert set(map(folder, FILES)) == set(FLOORS)


def test_the_root_has_few_files() -> None:
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= 12


def test_every_folder_says_what_it_is() -> None:
    for name in set(FLOORS) & {path.name for path in PACKAGE.iterdir()}:
        text = ast.get_docstring(ast.parse(FILES[name].read_text("utf-8"))) or ""
        assert len(text.splitlines()) >= 3, name
        assert "Begin with" in text, name


def test_every_file_that_a_folder_names_to_begin_with_is_there() -> None:
    named = {}
    for file in PACKAGE.glob("*/__init__.py"):
        text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        names = re.findall(r"`(\S+\.py)`", text)
        folders = (PACKAGE if "/" in one else file.parent for one in names)
        named.update(zip(map(Path.joinpath, folders, names), names, strict=True))
    assert len(named) > 20
    assert [path for path in named if not path.is_file()] == []


@pytest.mark.parametrize("name", FILES)
def test_a_folder_imports_only_from_floors_below(name: str) -> None:
    assert upwards(name) == []


def test_an_import_from_above_would_be_seen() -> None:
    assert "recipe.options" in ours("checking.check_data", deep=True)
    FLOORS["recipe"], before = 9, FLOORS["recipe"]
    try:
        assert "recipe.options" in upwards("checking.check_data")
    finally:
        FLOORS["recipe"] = before


@pytest.mark.parametrize("name", FILES)
def test_only_those_that_meet_axolotl_import_it(name: str) -> None:
    roots = {full.split(".")[0] for full in imports_of(name, deep=True)}
    assert "axolotl" not in roots or folder(name) in MEET_AXOLOTL


@pytest.mark.parametrize("name", [n for n in FILES if folder(n) not in MEET_AXOLOTL])
def test_heavy_imports_wait_until_they_are_needed(name: str) -> None:
    if name != "lm_eval_tasks.functions":
        assert reached(name).isdisjoint(HEAVY)


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("axolotl_explain") == set()


def test_a_heavy_import_would_be_seen() -> None:
    assert "datasets" in loaded_by("datasets")


def test_all_that_is_light_loads_nothing_heavy() -> None:
    names = [name for name in FILES if folder(name) not in {*MEET_AXOLOTL, ""}]
    light = [
        name for name in names if folder(name) not in ("lm_eval_tasks", "__main__")
    ]
    assert len(light) > 100
    assert loaded_by(", ".join(f"axolotl_explain.{name}" for name in light)) == set()


def test_the_plugin_is_found_by_the_name_that_recipes_use() -> None:
    from axolotl_explain.plugin import ExplainPlugin

    assert axolotl_explain.ExplainPlugin is ExplainPlugin


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'axolotl_explain' has no attribute 'No'"):
        _ = axolotl_explain.No
