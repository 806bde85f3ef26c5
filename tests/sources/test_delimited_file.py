"""CSV and TSV: a cell is the text that stands there; a damaged row is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.raw_row import UnreadableRow
from axolotl_explain.sources.tables import read_rows

HEAD = "instruction,answer,explanation_long\n"


def read(path: Path, content: str | bytes) -> list[object]:
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(raw)
    return list(read_rows(str(path)))


@pytest.mark.parametrize(
    "cell",
    ["007", "1e5", "True", "None", "NA", "nan", "null", "2024-01-03", "", " a ", "#1"],
)
def test_a_cell_is_the_text_that_stands_there(tmp_path: Path, cell: str) -> None:
    expected = [{"instruction": "Q", "answer": cell, "explanation_long": "So."}]
    assert read(tmp_path / "rows.csv", f"{HEAD}Q,{cell},So.\n") == expected


@pytest.mark.parametrize(
    ("row", "reason", "says"),
    [
        ("Q,2,One, and one.", "more fields than columns", "4 fields and the header 3"),
        ("Q,2,So,", "more fields than columns", "remove the comma at its end"),
        ('Q,2, "One, and"', "more fields than columns", "spaces before quotation"),
        ("0,Q,2,So", "more fields than columns", "or name every column in the first"),
        ("Q,2", "fewer fields than columns", "2 fields and the header 3"),
        ('Q,2,"say "it" so"', "a quotation mark stands inside a quoted text", '""'),
        ('Q,2,"never', "a quotation mark is never closed", "never closed"),
    ],
)
def test_a_damaged_row_is_named_and_others_are_read(
    tmp_path: Path, row: str, reason: str, says: str
) -> None:
    good, bad = read(tmp_path / "rows.csv", f"{HEAD}Q,1,So.\n{row}")
    assert good == {"instruction": "Q", "answer": "1", "explanation_long": "So."}
    assert isinstance(bad, UnreadableRow)
    assert bad.reason == reason
    assert says in str(bad)


def test_every_row_with_a_comma_too_many_shifts_nothing(tmp_path: Path) -> None:
    rows = read(tmp_path / "rows.csv", f"{HEAD}Q,1,So, so.\nQ,2,So, so.\n")
    assert [type(row) for row in rows] == [UnreadableRow] * 2


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(
    tmp_path: Path, separator: str, encoding: str, end: str
) -> None:
    lines = [["instruction", "answer"], ["Größe?", f'"3{separator}5"'], ["Q", "4"]]
    text = end.join(separator.join(line) for line in lines)
    rows = read(tmp_path / "rows.csv", text.encode(encoding))
    assert rows == [
        {"instruction": "Größe?", "answer": f"3{separator}5"},
        {"instruction": "Q", "answer": "4"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        'instruction, answer, explanation_long\nQ, 2, "One, and one."\n',
        'instruction ,answer\t,explanation_long \nQ,2,"One, and one."\n',
        'instruction; answer; explanation_long\nQ; "2"; One, and one.\n',
        'explanation_long|answer|"instruction"\n"One, and one."|2|Q\n',
    ],
)
def test_spaces_around_names_are_no_part_of_them(tmp_path: Path, content: str) -> None:
    (row,) = read(tmp_path / "rows.csv", content)
    assert row == {
        "instruction": "Q",
        "answer": "2",
        "explanation_long": "One, and one.",
    }


@pytest.mark.parametrize("name", ["note, own", '"note, own"'])
def test_a_comma_in_a_name_is_no_separator_among_semicolons(
    tmp_path: Path, name: str
) -> None:
    content = f"instruction;answer;{name}\nQ;2;So, so.\n"
    (row,) = read(tmp_path / "rows.csv", content)
    assert row == {"instruction": "Q", "answer": "2", "note, own": "So, so."}


def test_semicolons_in_a_quoted_name_separate_nothing(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "rows.csv", 'instruction,answer,"a;b;c;d"\nQ,2,So.\n')
    assert row == {"instruction": "Q", "answer": "2", "a;b;c;d": "So."}


def test_a_tab_separates_tsv_whatever_else_stands_in_names(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "rows.tsv", "instruction, a, b\tanswer\nQ\t2\n")
    assert row == {"instruction, a, b": "Q", "answer": "2"}


def test_a_first_line_may_name_the_separator(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", "sep=;\na;b\n1;2\n") == [{"a": "1", "b": "2"}]


def test_a_mark_that_was_recoded_is_no_part_of_a_name(tmp_path: Path) -> None:
    raw = "\ufeffa;b\n1;2\n".encode("utf-16")
    assert read(tmp_path / "a.csv", raw) == [{"a": "1", "b": "2"}]


def test_another_encoding_is_a_fault_of_the_row_that_has_it(tmp_path: Path) -> None:
    good, bad = read(tmp_path / "a.csv", "a,b\n1,2\nGröße,3\n".encode("latin-1"))
    assert good == {"a": "1", "b": "2"}
    assert isinstance(bad, UnreadableRow)
    assert "save the file as UTF-8" in str(bad)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExplainError, match="the column 'a' stands twice"):
        read(tmp_path / "a.csv", "a,b,a\n1,2,3\n")


def test_a_long_cell_is_read_whole(tmp_path: Path) -> None:
    cell = "word " * 60_000
    assert read(tmp_path / "a.csv", f'a,b\n1,"{cell}"\n') == [{"a": "1", "b": cell}]
