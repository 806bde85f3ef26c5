"""A model that this package trained, behind the real `transformers serve`, teaches.

The teacher knows its rows by heart. What it explains is trained on by the three lines
of a recipe.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from transformers.utils.import_utils import is_serve_available

from axolotl_explain.cli import main
from tests.fixtures.bench import ROOT, Bench, entry
from tests.fixtures.json_rows import read_rows, write_rows
from tests.fixtures.learning import learn_by_heart
from tests.fixtures.trained_folders import ROWS, TrainedFolder, merged
from tests.fixtures.transformers_server import transformers_serve

pytestmark = [
    pytest.mark.training,
    pytest.mark.skipif(
        not is_serve_available(),
        reason="transformers serve needs the packages of axolotl-explain[serve]",
    ),
]
NAME = "outputs/run"


def command_of_the_page() -> list[str]:
    """The line of docs/annotating.md that asks a model that was trained here."""
    page = (ROOT / "docs" / "annotating.md").read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^axolotl-explain (annotate .*taught\.jsonl)$", page, re.M)[
        :1
    ]
    return shlex.split(line)


def test_what_a_trained_model_explains_is_kept_where_it_is_right(
    trained_folder: Callable[[str], TrainedFolder],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bench: Bench,
) -> None:
    (tmp_path / "outputs").mkdir()
    teacher = merged(trained_folder("instruct"), tmp_path)
    teacher.folder.rename(tmp_path / NAME)
    learn_by_heart(
        TrainedFolder("instruct", tmp_path / NAME, teacher.recipe, []), "long"
    )
    rows = [
        {key: row[key] for key in ("id", "instruction", "input", "answer")}
        for row in ROWS
    ]
    rows[3]["answer"] = "99"
    write_rows(tmp_path / "rows.jsonl", rows)
    monkeypatch.chdir(tmp_path)
    with transformers_serve(NAME, where=tmp_path) as url:
        line = [url if "://" in word else word for word in command_of_the_page()]
        more = ["--levels", "long", "--tries", "2", "--temperature", "0"]
        done = CliRunner().invoke(main, [*line, *more, "--concurrency", "2"])
    assert done.exit_code == 0, done.output
    assert "11 of 12 rows are explained." in done.output
    taught = read_rows(tmp_path / "taught.jsonl")
    for number, (row, known) in enumerate(zip(taught, ROWS, strict=True)):
        if number == 3:
            assert row == rows[3]
        else:
            assert row["explanations"] == {"long": known["explanations"]["long"]}
    reasons = [
        one["reason"]
        for one in read_rows(tmp_path / "taught.ledger.jsonl")
        if "reason" in one
    ]
    assert reasons == ["wrong answer"] * 2

    explain = {"level": "long", "on_missing_level": "answer_only"}
    path = str(tmp_path / "taught.jsonl")
    prepared = bench.prepare(explain=explain, datasets=[entry(path)])
    ((_, target),) = prepared.texts[:1]
    assert taught[0]["explanations"]["long"] in target
    assert f"Final answer: {taught[0]['answer']}" in target
    assert len(prepared.texts) == len(rows)
    recipe = bench.write(explain=explain, datasets=[entry(path)])
    for command in (["check", str(recipe)], ["inspect", str(recipe), "--rows", "1"]):
        shown = CliRunner().invoke(main, command)
        assert shown.exit_code == 0, shown.output
