"""Hostile input: a clear error or a counted row; no traceback, no hang, no code run."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.conversion.conversion import (
    Conversion,
    ConversionCounts,
    convert_file,
)
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.presets import PRESETS
from axolotl_explain.sources.reader import RowReader

pytestmark = [pytest.mark.usefixtures("datasets_cache"), pytest.mark.timeout(60)]
GOOD = {"question": "Q", "answer": "So.\n#### 4"}
NOISE = random.Random("hostile").randbytes(4_000)
TEMPLATES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ question.__class__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ 'a' * 10 ** 12 }}",
]


def run(path: Path, **options: Any) -> ConversionCounts:
    options = options or {"preset": "gsm8k"}
    out = path.with_name("out.jsonl")
    source = Conversion(source=str(path), out=out, options=ExplainOptions(**options))
    return convert_file(source)


def error_of(path: Path, **options: Any) -> str:
    with pytest.raises(ExplainError) as caught:
        run(path, **options)
    assert not path.with_name("out.jsonl").exists()
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["json", "csv", "tsv", "parquet"])
def test_random_bytes_are_an_error_that_names_the_file(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"noise.{suffix}"
    path.write_bytes(NOISE)
    assert error_of(path).startswith(f"{path}: ")


def test_random_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "noise.jsonl"
    path.write_bytes(NOISE + b"\n" + json.dumps(GOOD).encode())
    counts = run(path)
    lines = [line for line in NOISE.split(b"\n") if line.strip()]
    assert counts.written == 1
    assert counts.skipped == {"line is not UTF-8": len(lines)}


ODD_LINES = {
    b'{"question": "Q", "answer": "So.': "line is no JSON",
    b'["Q", "A"]': "line is no object",
    b"17": "line is no object",
    b"[" * 200_000: "line is nested too deeply",
    b'{"question": "\\ud800", "answer": "a"}': "line holds half a surrogate pair",
    b'{"question": "\xff"}': "line is not UTF-8",
}


@pytest.mark.parametrize("line", ODD_LINES)
def test_a_damaged_line_is_counted_or_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "cut.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n" + line)
    assert run(path).skipped == {ODD_LINES[line]: 1}
    path.with_name("out.jsonl").unlink()
    columns = {"instruction": "question", "answer": "answer"}
    assert error_of(path, columns=columns).startswith(f"{path}, row 2, the line ")


def test_truncated_json_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(json.dumps([GOOD] * 50)[:-12], "utf-8")
    assert error_of(path).startswith(f"{path}: cannot be read (")


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_an_empty_file_is_an_error(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"empty.{suffix}"
    path.write_bytes(b"")
    assert error_of(path).startswith(f"{path}: ")


def test_a_million_characters_go_through(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    rows = [
        {"question": "Q" * 1_000_000, "answer": "a" * 1_000_000},
        {"question": "<<" * 500_000, "answer": "<<" * 500_000 + "\n#### 4"},
        {"question": " " * 1_000_000 + "Q", "answer": "\n" * 1_000_000 + "#### 5"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    counts = run(path)
    assert (counts.written, dict(counts.skipped)) == (2, {"no ####": 1})


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("text", [" ", "a) ", "answer ", "<think>", "\\boxed{", "A\n"])
def test_no_preset_takes_long_over_a_long_field(preset: str, text: str) -> None:
    names = [name for each in PRESETS[preset].columns.values() for name in each]
    row = dict.fromkeys(names, text * (200_000 // len(text)))
    reader = RowReader(ExplainOptions(preset=preset), 0, preset)
    assert len(reader(1, row)) + reader.skipped.total() == 1


def test_nul_and_bidi_characters_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    text = "a\0b \u202ereversed\u202c \u2066x\u2069 \ufeff"
    row = {"question": text, "answer": f"{text}\n#### {text}"}
    path.write_text(json.dumps(row) + "\n", "utf-8")
    assert run(path).written == 1
    (line,) = path.with_name("out.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["answer"] == text.strip()


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_that_reaches_for_more_is_an_error_of_its_key(
    tmp_path: Path, template: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(GOOD) + "\n", "utf-8")
    columns = {"instruction": "question", "answer": "answer", "long": template}
    assert "row 1, explain.columns.long: " in error_of(path, columns=columns)


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, [["a"]], [{"a": 1}]])
def test_lists_where_text_is_expected_are_counted(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "rows.jsonl"
    lines = [{**GOOD, "answer": value}, {**GOOD, "answer": value}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    kind = type(value).__name__
    assert f"(2 rows skipped: answer is a {kind} 2)" in error_of(path)
