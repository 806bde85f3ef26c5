"""`axolotl explain convert` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from axolotl_explain.cli import main

pytestmark = pytest.mark.usefixtures("datasets_cache")
ROW = {"question": "What is 3 + 4?", "answer": "3, then 4 more.\n#### 7", "n": 1}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + json.dumps({**ROW, "answer": "?"}) + "\n")
    return path


def typed(source: Path, *options: str) -> Result:
    out = source.with_name("out.jsonl")
    line = ["convert", str(source), "--out", str(out), *options]
    return CliRunner().invoke(main, line)


def written(source: Path) -> list[dict[str, Any]]:
    lines = source.with_name("out.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_preset_is_converted_and_counted(source: Path) -> None:
    result = typed(source, "--preset", "gsm8k")
    assert result.exit_code == 0
    assert "2 rows read\n  1 rows written\n  1 rows skipped: no #### 1" in result.output
    assert written(source) == [
        {
            "instruction": "What is 3 + 4?",
            "answer": "7",
            "explanations": {"medium": "3, then 4 more."},
        }
    ]


def test_columns_are_typed_as_part_and_column(source: Path) -> None:
    columns = ["instruction=question", "answer={{ n }}", "long=answer", "long=question"]
    options = [word for pair in columns for word in ("--columns", pair)]
    result = typed(source, *options, "--several-explanations", "join")
    assert result.exit_code == 0
    assert written(source)[1] == {
        "instruction": "What is 3 + 4?",
        "answer": "1",
        "explanations": {"long": "?\nWhat is 3 + 4?"},
    }


def test_a_recipe_says_how_its_rows_are_read(source: Path) -> None:
    recipe = source.with_name("recipe.yml")
    kind = {"type": "axolotl_explain.chat", "ds_type": "json"}
    datasets = [
        {"path": "other.jsonl", **kind},
        {"path": str(source), **kind, "explain": {"preset": "gsm8k"}},
    ]
    recipe.write_text(yaml.safe_dump({"datasets": datasets}), "utf-8")
    assert typed(source, "--recipe", str(recipe)).exit_code == 0
    assert [row["answer"] for row in written(source)] == ["7"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--columns", "question"], "--columns 'question': write PART=COLUMN"),
        (["--columns", "id=n", "--columns", "id=n"], "--columns id: it is given twice"),
        (["--columns", "why=n"], "convert.columns.why: 'why' is not allowed"),
        (["--preset", "gsm8k", "--to", "trl"], "--to trl: this format has room for"),
        (["--preset", "gsm8k", "--end", "x"], "--end x: only --to input_output"),
        ([], "row 1, instruction: is missing"),
    ],
)
def test_a_mistake_is_one_message_and_leaves_nothing(
    source: Path, options: list[str], message: str
) -> None:
    result = typed(source, *options)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert message in result.output
    assert "Traceback" not in result.output
    assert not source.with_name("out.jsonl").exists()


def test_a_file_that_is_there_is_replaced_only_on_request(source: Path) -> None:
    source.with_name("out.jsonl").write_text("mine")
    assert "--out" in typed(source, "--preset", "gsm8k").output
    assert source.with_name("out.jsonl").read_text() == "mine"
    assert typed(source, "--preset", "gsm8k", "--overwrite").exit_code == 0


def test_another_kind_of_file_is_refused(source: Path) -> None:
    line = ["convert", str(source), "--out", str(source.with_name("out.csv"))]
    result = CliRunner().invoke(main, line)
    assert "name a file ending in .jsonl or .parquet" in result.output
