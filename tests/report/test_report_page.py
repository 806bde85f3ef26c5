"""The page as text: safe, the same each time, without a network; and its files."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.report.chart_image import svg
from axolotl_explain.report.csv_text import to_csv
from axolotl_explain.report.inline import VARIABLES, inline
from axolotl_explain.report.pack import pack
from axolotl_explain.report.write_report import collect, write_report
from axolotl_explain.support import whole_file

Write = Callable[..., Path]
Line = Callable[..., dict[str, Any]]


def page_of(folder: Path, out: Path) -> str:
    return write_report([folder], out).files[-1].read_text("utf-8")


def test_the_same_runs_give_the_same_bytes(rich_folder: Path, tmp_path: Path) -> None:
    files = write_report([rich_folder / "runs"], tmp_path).files
    assert files[-1].name == "report.html"
    assert len(files) > 15
    first = rich_folder / "out"
    names = {path.relative_to(first) for path in first.rglob("*") if path.is_file()}
    assert names == {path.relative_to(tmp_path) for path in files}
    for name in names:
        assert (first / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_a_second_time_makes_the_files_anew(write_run: Write, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = page_of(write_run("a", "long", 5), out)
    after = page_of(write_run("a", "long", 15), out)
    assert before != after
    assert not list(out.glob(".*"))


def test_broken_off_it_leaves_no_part_of_a_file(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(whole_file.os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write_report([write_run("a", "long", 5)], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_page_names_nothing_to_fetch(rich_page: Path) -> None:
    page = rich_page.read_text("utf-8")
    assert not re.search(r"https?://", page)
    targets = re.findall(r"(?:src|href|action|data)=[\"']([^\"']*)", page)
    assert targets
    assert all(target.startswith(("#", "data:,")) for target in targets)
    assert re.findall(r"url\((.)", page) == ["#"] * page.count("url(")
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_ids_are_unique(rich_page: Path) -> None:
    ids = re.findall(r'\bid="([^"]*)"', rich_page.read_text("utf-8"))
    assert len(ids) == len(set(ids))


def test_text_from_data_is_escaped_everywhere(
    write_run: Write, tmp_path: Path, line: Line, evil: str
) -> None:
    names = ("prompt", "completion", "answer", "extracted", "id")
    fields = dict.fromkeys(names, evil)
    bad = {"explanation_valid": False, "wrong_step": 1, "wrong_operator": evil}
    folder = write_run(
        "a",
        evil,
        0,
        lines=[line(1, evil, False, data=evil, meta={evil: evil}, **fields, **bad)],
        base_model=evil,
        seed=evil,
        versions={evil: evil},
        recipe=evil,
        recipe_content={"explain": {"level": evil}},
    )
    page = page_of(folder, tmp_path / "out")
    assert page.count("<script") == 2
    assert page.count("</script>") == 2
    assert "<img" not in page
    assert "{{ 7 * 7 }}" in page


def test_packed_completions_come_back(write_run: Write, line: Line, evil: str) -> None:
    lines = [line(row, "long", row % 2 == 0, completion=evil) for row in range(9)]
    runs = collect([write_run("a", "long", 0, lines=lines)]).runs
    packed, total = pack(runs, 100)
    assert re.fullmatch("[A-Za-z0-9+/=]+", packed)
    found = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert total == 9
    assert found["columns"]["completion"] == [evil] * 9
    assert found["columns"]["right"] == [1, 0, 1, 0, 1, 0, 1, 0, 1]
    prompts = [found["texts"][place] for place in found["columns"]["prompt"]]
    assert prompts == [one["prompt"] for one in lines]


def test_over_the_limit_completions_at_even_distances_are_kept(
    write_run: Write, tmp_path: Path
) -> None:
    folder = write_run("a", "long", 5, rows=100)
    packed, total = pack(collect([folder]).runs, 10)
    found = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert total == 100
    assert found["columns"]["row"] == list(range(0, 100, 10))
    page = write_report([folder], tmp_path / "out", max_completions=10).files[-1]
    assert "10 of 100, taken at even distances" in page.read_text("utf-8")


def test_every_colour_of_a_plot_is_one_of_the_page(rich_runs: Path) -> None:
    for chart in collect([rich_runs]).charts:
        drawn = svg(chart, text_as_paths=False)
        assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) <= set(VARIABLES)
        shown = inline(drawn, chart.name, "<title>")
        assert not re.search(r"#[0-9a-f]{6}\b", shown)
        assert 'aria-label="&lt;title&gt;"' in shown


def test_metrics_as_csv_hold_every_run_and_level(rich_folder: Path) -> None:
    with (rich_folder / "out" / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * 4 + 4
    for row in rows:
        low, high = float(row["interval_low"]), float(row["interval_high"])
        assert low <= float(row["exact_match"]) <= high


def test_csv_holds_no_formula() -> None:
    assert to_csv(("a", "b"), [("=1+1", None), (-1.5, "x")]) == "a,b\n'=1+1,\n-1.5,x\n"


def test_what_was_left_out_is_on_the_page(write_run: Write, tmp_path: Path) -> None:
    folder = write_run("a", "long", 5)
    with (folder / "evaluation" / "completions.jsonl").open("a") as file:
        file.write("{\n")
    page = page_of(folder, tmp_path / "out")
    assert ">Left out<" in page
    assert "1 line was left out" in page


def test_what_was_done_to_explanations_is_said(
    write_run: Write, tmp_path: Path
) -> None:
    recipe = {"explain": {"derive_levels": {"by": "steps"}, "level": "short"}}
    write_run("plain", "long", 5)
    write_run("derived", "short", 5, recipe_content=recipe)
    page = page_of(tmp_path / "runs", tmp_path / "out")
    heading = "What was done to explanations before training"
    told = page.partition(heading)[2].partition("</ul>")[0]
    assert (
        "derived/evaluation</span>: levels are derived: medium is the calculations"
        in told
    )
    assert "plain" not in told
    assert heading not in page_of(tmp_path / "runs" / "plain", tmp_path / "plain")
