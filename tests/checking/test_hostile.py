"""Whatever stands in a file, a check ends in findings and never in a traceback."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.checking.finding import Finding
from tests.checking.planted import Fault, plant, stock_row, write_rows

NOISE = random.Random(7).randbytes(2_000)
LINE = json.dumps(stock_row(0)).encode() + b"\n"


def codes(findings: list[Finding]) -> list[str]:
    return [one.code for one in findings if one.severity != "note"]


@pytest.fixture
def recipe(tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean one, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    return plant(tmp_path, model, Fault("none"), twin=True)


def with_train_file(recipe: Path, name: str, content: bytes, **entry: Any) -> None:
    (recipe.parent / name).write_bytes(content)
    whole = yaml.safe_load(recipe.read_text("utf-8"))
    whole["datasets"][0] = {**whole["datasets"][0], "path": name, **entry}
    recipe.write_text(yaml.safe_dump(whole), "utf-8")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("noise.jsonl", NOISE),
        ("noise.csv", NOISE),
        ("noise.parquet", NOISE),
        ("noise.json", NOISE),
        ("array.json", b"[" + LINE + b", {"),
        ("nested.jsonl", LINE + b"[" * 20_000),
    ],
)
def test_a_file_that_is_none_is_said_to_be_unreadable(
    recipe: Path, name: str, content: bytes
) -> None:
    suffix = name.rpartition(".")[2].removesuffix("l")
    with_train_file(recipe, name, content, ds_type=suffix)
    assert codes(check_recipe(str(recipe)).findings) == ["data-unreadable"]


def test_bad_lines_are_named_by_their_numbers(recipe: Path) -> None:
    content = LINE + b'{"id": \n' + LINE + b"\xff\xfe\n" + b"[1]\n" + LINE
    with_train_file(recipe, "lines.jsonl", content)
    found = [
        (one.code, one.rows)
        for one in check_recipe(str(recipe)).findings
        if one.severity == "error"
    ]
    assert found == [("data-unreadable", (number,)) for number in (2, 4, 5)]


def test_lists_and_mappings_where_texts_belong_are_rows_by_number(
    recipe: Path, tmp_path: Path
) -> None:
    row = {**stock_row(0), "answer": ["a"], "input": {"b": 1}}
    write_rows(tmp_path / "train.jsonl", [row, row])
    (found,) = [
        one for one in check_recipe(str(recipe)).findings if one.severity == "error"
    ]
    assert (found.code, found.rows) == ("row-unreadable", (1, 2))


def test_nul_and_marks_of_direction_are_named(recipe: Path, tmp_path: Path) -> None:
    rows = [stock_row(index) for index in range(3)]
    rows[1]["input"] = "It holds\x00 12."
    rows[2]["answer"] = "7 \u202emaps"
    write_rows(tmp_path / "train.jsonl", rows)
    findings = check_recipe(str(recipe)).findings
    assert [(one.code, one.rows) for one in findings] == [
        ("control-characters", (2,)),
        ("control-characters", (3,)),
    ]
    assert "U+0000" in findings[0].message
    assert "U+202E, RIGHT-TO-LEFT OVERRIDE" in findings[1].message


@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "a. " * 333_333, "answer is " * 10**5]
)
def test_a_field_of_a_million_characters_is_found(
    recipe: Path, tmp_path: Path, text: str
) -> None:
    rows = [stock_row(0), {**stock_row(1), "explanations": {"long": text}}]
    write_rows(tmp_path / "train.jsonl", rows)
    found = {one.code: one.rows for one in check_recipe(str(recipe)).findings}
    assert found["field-very-long"] == (2,)
    assert found["too-long-dropped"] == (2,)


@pytest.mark.parametrize(
    "content",
    [NOISE, b"a: [", b"- a\n- list\n", b"", b"a: \x00", b"datasets: &x [*x]\n"],
)
def test_a_recipe_that_is_none_is_an_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "recipe.yml"
    file.write_bytes(content)
    found = check_recipe(str(file)).findings
    assert {one.severity for one in found if one.code != "not-checked"} >= {"error"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("plugins", "axolotl_explain.ExplainPlugin"),
        ("plugins", [3]),
        ("datasets", {"path": "train.jsonl"}),
        ("datasets", ["train.jsonl"]),
        ("datasets", [{"path": "train.jsonl", "data_files": 3}]),
        ("datasets", [{"type": "axolotl_explain.instruct"}]),
        ("explain", [1]),
        ("sequence_len", "long"),
        ("base_model", {"a": 1}),
        ("task_data", 3),
        ("scratch_model", "tiny"),
        ("special_tokens", [1]),
    ],
)
def test_a_value_of_another_kind_is_an_error(
    recipe: Path, key: str, value: Any
) -> None:
    whole = yaml.safe_load(recipe.read_text("utf-8"))
    recipe.write_text(yaml.safe_dump({**whole, key: value}), "utf-8")
    assert any(one.severity == "error" for one in check_recipe(str(recipe)).findings)
