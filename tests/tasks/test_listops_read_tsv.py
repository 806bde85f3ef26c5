"""Reading files in the manner of Long Range Arena."""

import csv
import json

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks.listops.convert_tsv import bad_row_lines, convert_tsv
from axolotl_explain.tasks.listops.read_tsv import read_listops

ARENA = "( ( ( [MAX 4 ) ( ( ( [MIN 3 ) 7 ) ] ) ) ] )"
EXPLAINED_TARGET = 'MIN of "3", 7 is 3\nMAX\tof 4, 3 is 4\nFinal answer: 4'


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "basic.tsv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.mark.parametrize("header", ["", "Source\tTarget\n", "\ufeffSource\tTarget\r\n"])
def test_rows_are_read_with_and_without_header(file, header):
    (example,) = read_listops(file(f"{header}{ARENA}\t4\n"), modulus=10)
    assert (example.input, example.answer) == ("[MAX 4 [MIN 3 7 ] ]", "4")
    assert example.explanations["short"] == "MIN 3\nMAX 4"
    assert example.meta["list_length"] == 7


@pytest.mark.parametrize("header", ["", "Target\tSource\n", "label\tsentence\n"])
def test_the_target_may_come_first(file, header):
    (example,) = read_listops(file(f"{header}4\t{ARENA}\n"), modulus=10)
    assert (example.input, example.answer) == ("[MAX 4 [MIN 3 7 ] ]", "4")


def test_targets_of_several_lines_are_one_field(tmp_path):
    path = tmp_path / "explained.tsv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t")
        writer.writerow(["Source", "Target"])
        writer.writerow([ARENA, EXPLAINED_TARGET])
        writer.writerow(["[SUM_MOD 15 27 1 ]", "Final answer: 3"])
    examples = list(read_listops(path, modulus=10))
    assert [example.answer for example in examples] == ["4", "3"]
    assert [example.id for example in examples] == ["explained-2", "explained-5"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            f"{ARENA}\t5",
            "wrong target: the target says 5, but the problem evaluates to 4",
        ),
        (f"{ARENA}\t", "unreadable target: '' is no number"),
        (f"{ARENA}\tfour", "unreadable target: 'four' is no number"),
        (f'{ARENA}\t"Final answer: 4\nor so"', "unreadable target"),
        ("[MAX 4 7\t7", "unreadable problem: brackets left open at the end: 1"),
        ("7\t7", "unreadable problem: token 1, '7': a problem starts with"),
        (ARENA, "unreadable row: it has 1 tab separated fields; two are needed"),
        (f"{ARENA}\t4\t4", "unreadable row: it has 3 tab separated fields"),
        (f"{ARENA}\t4\0", "unreadable row: it holds a NUL character"),
        (f'{ARENA}\t"4', "unreadable row: unexpected end of data"),
        (f'{ARENA}\t"4"4', "unreadable row: "),
    ],
)
def test_a_bad_row_is_named_with_its_line_in_the_file(file, row, message):
    good = f'{ARENA}\t"{EXPLAINED_TARGET.replace(chr(34), chr(34) * 2)}"\n'
    path = file(f"Source\tTarget\n{good}\n{row}\n")
    with pytest.raises(ExplainError) as caught:
        list(read_listops(path, modulus=10))
    assert f"{path}, line 6: {message}" in str(caught.value)
    assert "--on-bad-row skip" in str(caught.value)


@pytest.mark.parametrize("content", ["", "Source\tTarget\n", "\n\n"])
def test_a_file_without_rows_is_an_error(file, content):
    with pytest.raises(ExplainError, match="the file has no rows"):
        list(read_listops(file(content), modulus=10))


@pytest.mark.parametrize("content", [bytes(range(256)) * 9, b"\xff\xfe\t\x80\n", b"\0"])
def test_a_binary_file_is_an_error_at_its_first_line(file, content):
    with pytest.raises(ExplainError, match="line 1: unreadable row: "):
        list(read_listops(file(content), modulus=10))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ExplainError, match=r"--from .*: No such file"):
        list(read_listops(tmp_path / "none.tsv", modulus=10))


def test_a_field_of_a_million_characters_is_read(file):
    limit = csv.field_size_limit()
    text = f"( [MAX {'1 ' * 500_000}2 ) ]"
    (example,) = read_listops(file(f"{text}\t2\n"), modulus=10)
    assert example.meta["list_length"] == 500_003
    assert csv.field_size_limit() == limit


def test_skipped_rows_are_counted_by_kind(file, tmp_path):
    path = file(f'{ARENA}\t4\n{ARENA}\t5\n{ARENA}\t6\n[MAX ]\t1\n{ARENA}\t"4\n')
    bad = []
    summary = convert_tsv(path, tmp_path / "out.jsonl", 10, bad.append)
    assert summary.rows == 1
    assert [(row.line, row.kind) for row in bad] == [
        (2, "wrong target"),
        (3, "wrong target"),
        (4, "unreadable problem"),
        (5, "unreadable row"),
    ]
    assert [line.split(";")[0] for line in bad_row_lines(bad)] == [
        "skipped 1 with unreadable problem",
        "skipped 1 with unreadable row",
        "skipped 2 with wrong target",
    ]
    row = json.loads((tmp_path / "out.jsonl").read_text())
    assert set(row["explanations"]) == {"short", "medium", "long"}


def test_a_file_of_bad_rows_alone_writes_nothing(file, tmp_path):
    path = file(f"{ARENA}\t5\n")
    with pytest.raises(ExplainError, match="none of its rows is good"):
        convert_tsv(path, tmp_path / "out.jsonl", 10, lambda row: None)
    assert [entry.name for entry in tmp_path.iterdir()] == ["basic.tsv"]


def test_an_error_leaves_the_earlier_file_as_it_was(file, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("earlier")
    with pytest.raises(ExplainError, match="wrong target"):
        convert_tsv(file(f"{ARENA}\t4\n{ARENA}\t5\n"), out, 10)
    assert out.read_text() == "earlier"
    assert len(list(tmp_path.iterdir())) == 2
