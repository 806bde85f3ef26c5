"""A recipe's file as a mapping, or one line on what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.yaml_file import read_mapping, read_recipe


def refusal(path: Path) -> str:
    with pytest.raises(ExplainError) as caught:
        read_recipe(str(path))
    return str(caught.value)


def test_keys_and_values_are_read_as_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yml"
    file.write_bytes("base_model: é\nsizes: [1, 2]\n".encode())
    assert read_recipe(str(file)) == {"base_model": "é", "sizes": [1, 2]}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yml"
    assert refusal(path) == f"{path}: No such file or directory."


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"a: [1\n", "this is no YAML: "),
        (b"a: \xff\n", "this is no YAML: "),
        (b"- a\n", "a recipe is a mapping of keys to values."),
        (b"", "a recipe is a mapping of keys to values."),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_with_the_rule(
    tmp_path: Path, content: bytes, rule: str
) -> None:
    file = tmp_path / "recipe.yml"
    file.write_bytes(content)
    assert refusal(file).startswith(f"{file}: {rule}")


def test_a_faulty_line_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yml"
    file.write_text("a: 1\nb: 2\n  c: 3\n")
    assert "line 3" in refusal(file)


def test_another_kind_of_file_is_called_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "grid.yml"
    file.write_text("[]")
    with pytest.raises(ExplainError, match="a grid is a mapping"):
        read_mapping(str(file), "a grid")
