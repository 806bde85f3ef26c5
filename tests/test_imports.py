"""Imports: light at the start, and arrows that point one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import axolotl_explain

PACKAGE = Path(axolotl_explain.__file__).parent
HEAVY = {"torch", "transformers", "datasets", "axolotl"}
TEXT = [
    "answers",
    "blocks",
    "checking.agreement",
    "checking.before",
    "checking.characters",
    "checking.codes",
    "checking.combinations",
    "checking.finding",
    "checking.keys",
    "checking.leaks",
    "checking.lines",
    "checking.near",
    "checking.problem",
    "checking.repeats",
    "checking.shingles",
    "checking.spread",
    "checking.table",
    "checking.written",
    "calculations",
    "columns",
    "consistent",
    "control",
    "conversion",
    "derive",
    "draft",
    "draws",
    "encoder_decoder",
    "errors",
    "example",
    "files",
    "formats",
    "levels",
    "messages",
    "options",
    "outcome",
    "pairing",
    "plan",
    "planner",
    "presets",
    "prompts",
    "recipe",
    "recipe_file",
    "sentences",
    "settings",
    "skipped",
    "sources",
    "switches",
    "tasks",
    "thought",
    "whole",
]
TOKENS = [
    "tokens",
    "source_target",
    "formatter",
    "templated",
    "join",
    "fit",
    "checking.scan",
]
HOST = [
    "plugin",
    "callbacks",
    "strategy",
    "batches",
    "survey",
    "instruct",
    "chat",
    "seq2seq",
    "host",
    "prepare",
    "checking.host",
    "checking.run",
    "inspection",
]
"""Modules, or folders of them, that may import the host."""


def source_files() -> dict[str, Path]:
    """Dotted name within the package -> file."""
    files = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        files[name or "__init__"] = file
    return files


FILES = source_files()


def below(names: list[str]) -> list[str]:
    """Modules of those names, with all that lies inside those that are folders."""
    return [
        name
        for name in FILES
        if any(name == one or name.startswith(f"{one}.") for one in names)
    ]


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


def imports_of(name: str, deep: bool) -> set[str]:
    return set(imported(ast.parse(FILES[name].read_text("utf-8")), deep))


def reached(name: str) -> set[str]:
    """Top-level packages and modules of ours that load when a module does."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for full in imports_of(waiting.pop(), deep=False):
            inner = full.removeprefix("axolotl_explain.")
            if full == inner:
                seen.add(full.split(".")[0])
            elif inner in FILES and inner not in seen:
                seen.add(inner)
                waiting.append(inner)
    return seen


def loaded_by(module: str) -> set[str]:
    """What of HEAVY a fresh interpreter holds after an import."""
    code = f"import {module}, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return HEAVY & set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("axolotl_explain") == set()


def test_a_heavy_import_would_be_seen() -> None:
    assert "datasets" in loaded_by("datasets")


def test_all_text_modules_together_load_nothing_heavy() -> None:
    names = below(TEXT)
    assert len(names) > len(TEXT)
    assert loaded_by(", ".join(f"axolotl_explain.{name}" for name in names)) == set()


@pytest.mark.parametrize("name", below(TEXT))
def test_text_knows_neither_tokens_nor_the_host(name: str) -> None:
    assert reached(name).isdisjoint({*HEAVY, *TOKENS, *HOST})


@pytest.mark.parametrize("name", below(TEXT))
def test_text_does_not_reach_the_host_from_inside_a_function(name: str) -> None:
    roots = {full.split(".")[0] for full in imports_of(name, deep=True)}
    assert "axolotl" not in roots


@pytest.mark.parametrize("name", below(TOKENS))
def test_tokens_know_nothing_of_the_host(name: str) -> None:
    roots = {full.split(".")[0] for full in imports_of(name, deep=True)}
    assert "axolotl" not in roots
    assert reached(name).isdisjoint({"axolotl", *HOST})


def test_only_those_that_meet_the_host_import_it() -> None:
    importing = {
        name
        for name in FILES
        if "axolotl" in {full.split(".")[0] for full in imports_of(name, deep=True)}
    }
    assert importing <= {*below(HOST), *below(["evaluation"])}
    assert {"plugin", "strategy", "chat"} <= importing


HEAVY_LATER = [
    "catalog",
    "cli",
    "conversion",
    "memory",
    "row_stream",
    "rows",
    "scratch",
    "sweep",
]


@pytest.mark.parametrize("name", below(HEAVY_LATER))
def test_heavy_imports_wait_until_they_are_needed(name: str) -> None:
    assert reached(name).isdisjoint(HEAVY)


def test_the_plugin_is_found_by_the_name_that_recipes_use() -> None:
    from axolotl_explain.plugin import ExplainPlugin

    assert axolotl_explain.ExplainPlugin is ExplainPlugin


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'axolotl_explain' has no attribute 'No'"):
        _ = axolotl_explain.No
