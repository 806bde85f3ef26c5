"""Files that are old, cut off or edited are read as far as that goes."""

from __future__ import annotations

from pathlib import Path

from axolotl_explain.results.lenient import read_object, readable_completions

LINE = '{"level": "long", "completion": "4", "exact_match": true}\n'


def test_lines_that_cannot_be_read_are_counted_and_said(tmp_path: Path) -> None:
    file = tmp_path / "completions.jsonl"
    file.write_text(2 * LINE + '\n[1]\n{"level": "long"}\n{"row": 3, "lev')
    notes: list[str] = []
    assert len(readable_completions(file, notes)) == 2
    assert notes == [f"{file}: 3 lines were left out (line 4: not an object)."]


def test_one_line_left_out_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "completions.jsonl"
    file.write_text('{"level": "long"}\n' + LINE)
    notes: list[str] = []
    assert len(readable_completions(file, notes)) == 1
    reason = "level, exact_match or completion is missing"
    assert notes == [f"{file}: 1 line was left out (line 1: {reason})."]


def test_a_file_that_holds_no_object_is_said(tmp_path: Path) -> None:
    notes: list[str] = []
    for name, text in (("a.json", "[1]"), ("b.json", '{"seed": '), ("c.yml", "a: [")):
        (tmp_path / name).write_text(text)
        assert read_object(tmp_path / name, notes) == {}
    assert read_object(tmp_path / "absent.json", notes) == {}
    reasons = [note.partition(": ")[2][:14] for note in notes]
    assert reasons == ["does not hold ", *["cannot be read"] * 3]
