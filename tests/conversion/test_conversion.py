"""convert: nothing is lost on the way, and nothing half-written stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from axolotl_explain.conversion.conversion import (
    Conversion,
    ConversionCounts,
    convert_file,
)
from axolotl_explain.conversion.row_formats import ROW_FORMATS
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example, Turn
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.stream import stream_rows

pytestmark = pytest.mark.usefixtures("datasets_cache")

EXAMPLES = [
    Example(
        "Add.",
        "7",
        "3 4",
        {"medium": "3, then 4 more.\nThat is 7."},
        id="m-1",
        level="long",
        meta={"n": 2, "deep": {"a": [1, None]}, "word": "ä"},
        system="Be exact.",
        history=(Turn("user", "Hello."), Turn("assistant", "<think>x</think>Hi.")),
    ),
    Example("Say \u202eno\u202c and \0.", "no\nor yes", "", {"medium": "\ufffd “so”"}),
    Example("Name it.", "</b>", "{{ 7 * 7 }}", id="m-3", meta={"other": True}),
]
ALL_LEVELS = {"short": "7.", "medium": "3 + 4 = 7.", "long": "3, then 4, so 7."}


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), "utf-8")
    return str(path)


def read(path: Path, **options: Any) -> list[Example]:
    reader = RowReader(ExplainOptions(**options), 0, path.name)
    return [one for each in reader.all(stream_rows(str(path))) for one in each]


def run(
    source: str, out: Path, keys: Mapping[str, Any] = {}, **more: Any
) -> ConversionCounts:
    what = Conversion(source=source, out=out, options=ExplainOptions(**keys), **more)
    return convert_file(what)


def refusal(act: Callable[..., object], *args: Any, **keys: Any) -> str:
    with pytest.raises(ExplainError) as caught:
        act(*args, **keys)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_canonical_rows_come_back_as_they_were(tmp_path: Path, kind: str) -> None:
    source = write(tmp_path / "in.jsonl", [one.to_row() for one in EXAMPLES])
    out = tmp_path / f"out.{kind}"
    counts = run(source, out)
    assert (counts.read, counts.written) == (3, 3)
    assert read(out) == EXAMPLES


def without_none(value: Any) -> Any:
    """A table gives each row the fields of all, as None."""
    if isinstance(value, dict):
        return {k: without_none(v) for k, v in value.items() if v is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_messages_are_read_back_as_the_very_examples(tmp_path: Path, kind: str) -> None:
    source = write(tmp_path / "in.jsonl", [one.to_row() for one in EXAMPLES])
    out, back = tmp_path / f"talk.{kind}", tmp_path / "back.jsonl"
    counts = run(source, out, row_format="messages", level="medium")
    assert (counts.written, counts.without) == (3, 1)
    run(str(out), back, {"messages": {"explanation": "field", "level": "medium"}})
    assert read(back) == EXAMPLES


FORMATTED = {
    "input_output": {
        "segments": [
            {
                "label": False,
                "text": "### Instruction:\nAdd.\n\n### Input:\n3 4\n\n### Response:\n",
            },
            {"label": True, "text": "3 + 4 = 7.\nFinal answer: 7</s>"},
        ]
    },
    "llamafactory": {
        "instruction": "Add.",
        "input": "3 4",
        "output": "<think>\n3 + 4 = 7.\n</think>\n\n7",
    },
    "trl": {
        "prompt": [{"role": "user", "content": "Add.\n\n3 4"}],
        "completion": [{"role": "assistant", "content": "3 + 4 = 7.\nFinal answer: 7"}],
    },
    "ms_swift": {
        "messages": [
            {"role": "user", "content": "Add.\n\n3 4"},
            {
                "role": "assistant",
                "content": "<think>\n3 + 4 = 7.\n</think>\n\n7",
                "loss": True,
                "loss_scale": 1.0,
            },
        ]
    },
    "messages": {
        "input": "3 4",
        "messages": [
            {"role": "user", "content": "Add.\n\n3 4"},
            {"role": "assistant", "content": "7", "reasoning_content": "3 + 4 = 7."},
        ],
    },
}


@pytest.mark.parametrize("row_format", FORMATTED)
def test_each_format_is_what_its_tool_reads(tmp_path: Path, row_format: str) -> None:
    example = Example("Add.", "7", "3 4", ALL_LEVELS)
    source = write(tmp_path / "in.jsonl", [example.to_row()])
    out, table = tmp_path / "out.jsonl", tmp_path / "out.parquet"
    end = "</s>" if row_format == "input_output" else ""
    run(source, out, row_format=row_format, level="medium", end=end)
    assert json.loads(out.read_text("utf-8")) == FORMATTED[row_format]
    run(source, table, row_format=row_format, level="medium", end=end)
    (row,) = pq.read_table(table).to_pylist()
    found = {key: value for key, value in row.items() if value is not None}
    assert without_none(found) == FORMATTED[row_format]


def test_every_shape_is_tried() -> None:
    assert {*FORMATTED, "canonical"} == set(ROW_FORMATS)


def test_earlier_turns_go_along_and_are_not_trained(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [EXAMPLES[0].to_row()])
    out = tmp_path / "out.jsonl"
    run(source, out, row_format="ms_swift", level="medium")
    turns = json.loads(out.read_text("utf-8"))["messages"]
    assert [turn["role"] for turn in turns] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    assert [turn.get("loss_scale") for turn in turns] == [None, None, 0.0, None, 1.0]
    out = tmp_path / "pairs.jsonl"
    run(source, out, row_format="llamafactory", level="medium")
    row = json.loads(out.read_text("utf-8"))
    assert row["system"] == "Be exact."
    assert row["history"] == [["Hello.", "<think>x</think>Hi."]]


def test_formats_with_room_for_one_level_want_to_know_which(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [EXAMPLES[0].to_row()])
    message = refusal(run, source, tmp_path / "o.jsonl", row_format="trl")
    assert message.startswith("--to trl: this format has room for one explanation")
    message = refusal(run, source, tmp_path / "o.jsonl", level="long")
    assert message.startswith("--level long: canonical rows hold every level")


def test_a_row_that_would_be_two_under_multitask_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [EXAMPLES[0].to_row()])
    apart = {"order": "multitask"}
    message = refusal(
        run, source, tmp_path / "o.jsonl", apart, row_format="trl", level="long"
    )
    assert message.startswith("--to trl --level long: order: multitask takes answer")


def test_rows_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    rows = [
        {"question": "Q", "answer": "So.\n#### 4"},
        {"question": "Q", "answer": "So."},
        {"question": "", "answer": "So.\n#### 4"},
        {"question": "R", "answer": "Or.\n#### 5"},
    ]
    source = write(tmp_path / "in.jsonl", rows)
    counts = run(source, tmp_path / "out.jsonl", {"preset": "gsm8k"})
    assert counts.lines(None) == [
        "4 rows read",
        "2 rows written",
        "2 rows skipped: no #### 1, question is empty 1",
    ]


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_failed_conversion_leaves_what_was_there(tmp_path: Path, kind: str) -> None:
    rows = [one.to_row() for one in EXAMPLES] + [{"instruction": "Q"}]
    source = write(tmp_path / "in.jsonl", rows)
    out = tmp_path / f"out.{kind}"
    out.write_text("before")
    message = refusal(run, source, out)
    assert message.startswith(f"{source}, row 4, answer: is empty;")
    assert out.read_text() == "before"
    assert sorted(file.name for file in tmp_path.glob("[!d]*")) == [
        "in.jsonl",
        f"out.{kind}",
    ]


def test_nothing_is_written_where_no_row_is_left(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [{"text": "a"}, {"text": "b"}])
    message = refusal(run, source, tmp_path / "out.jsonl", {"preset": "cos_e"})
    assert "no row is left of 2 (2 rows skipped: no column question 2)" in message
    assert not (tmp_path / "out.jsonl").exists()


def test_csv_is_read_as_text_throughout(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("q,a,why\nAgent?,007,None\n", "utf-8")
    columns = {"instruction": "q", "answer": "a", "long": "why"}
    run(str(source), tmp_path / "out.jsonl", {"columns": columns})
    (example,) = read(tmp_path / "out.jsonl")
    assert example == Example("Agent?", "007", explanations={"long": "None"})


def test_what_a_row_leaves_out_is_empty_where_others_have_it(tmp_path: Path) -> None:
    rows = [{"q": "Q", "a": "1"}, {"q": "R", "a": "2", "why": "So."}]
    source = write(tmp_path / "in.jsonl", rows)
    columns = {"instruction": "q", "answer": "a", "long": "why"}
    run(source, tmp_path / "out.jsonl", {"columns": columns})
    found = read(tmp_path / "out.jsonl")
    assert [example.explanations for example in found] == [{}, {"long": "So."}]


def test_rows_late_in_a_file_may_differ_from_the_first(tmp_path: Path) -> None:
    rows = [{"instruction": "Q" * 2_000, "answer": "1", "meta": {"n": 1}}] * 6_000
    late = {"instruction": "R", "answer": 5, "meta": {"n": "2020-01-01"}, "extra": []}
    source = write(tmp_path / "in.jsonl", [*rows, late])
    run(source, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet", columns=["answer", "meta"])
    assert table.to_pylist()[-1] == {"answer": "5", "meta": '{"n": "2020-01-01"}'}


def test_long_files_are_written_in_blocks_and_in_order(tmp_path: Path) -> None:
    rows = ({"instruction": f"Q{n}", "answer": str(n)} for n in range(20_500))
    source = write(tmp_path / "in.jsonl", rows)
    out = tmp_path / "out.parquet"
    run(source, out)
    assert pq.ParquetFile(out).num_row_groups == 3
    answers = pq.read_table(out, columns=["answer"])["answer"].to_pylist()
    assert answers == [str(n) for n in range(20_500)]


def test_rows_that_lose_their_explanation_are_counted(tmp_path: Path) -> None:
    rows = [
        {"instruction": "Add.", "answer": "7", "rationale": "3, then 4 more."},
        {"instruction": "Add.", "answer": "8", "explanation": "4, then 4 more."},
        {"instruction": "Add.", "answer": "9", "explanation_long": "N/A"},
    ]
    source = write(tmp_path / "in.jsonl", rows)
    counts = run(source, tmp_path / "out.jsonl")
    assert counts.lines(None) == [
        "3 rows read",
        "3 rows written",
        "2 of them without an explanation",
        "1 with a placeholder such as N/A for an explanation, which counts as none",
        "1 with text in rationale, which was not read as their explanation (--columns "
        "long=rationale would)",
    ]
    assert [one.explanations for one in read(tmp_path / "out.jsonl")] == [
        {},
        {"long": "4, then 4 more."},
        {"long": "N/A"},
    ]


def test_an_answer_line_is_written_once(tmp_path: Path) -> None:
    text = "3, then 4 more.\nFinal answer: 7"
    row = {"instruction": "Add.", "answer": "7", "explanation_long": text}
    source, out = write(tmp_path / "in.jsonl", [row]), tmp_path / "out.jsonl"
    run(source, out, row_format="trl", level="long")
    (written,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert written["completion"][0]["content"] == text
