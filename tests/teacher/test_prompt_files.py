"""Prompts can be replaced one by one, and texts of rows stay texts in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.teacher.prompt_files import NAMES, SHIPPED, load_prompts
from tests.fixtures.json_rows import write_rows
from tests.fixtures.refused import refusal_of
from tests.teacher.teaching import sum_of

ROW = Example.from_row(sum_of(4))


def test_every_prompt_is_shipped_and_no_other() -> None:
    assert {file.stem for file in SHIPPED.iterdir()} == set(NAMES)


@pytest.mark.parametrize("level", EXPLAINED)
def test_each_level_is_asked_for_in_its_own_words(level: str) -> None:
    prompts = load_prompts(None)
    system, asked = prompts.explain(ROW, level)
    assert [system["role"], asked["role"]] == ["system", "user"]
    others = [one for one in EXPLAINED if one != level]
    assert all(prompts.explain(ROW, one)[1] != asked for one in others)
    assert asked["content"].endswith("Final answer: <answer>")
    assert "Add the two numbers.\n\n4 9" in asked["content"]


def test_the_whole_problem_is_asked() -> None:
    row = Example(
        "And now?",
        "14",
        system="Use whole numbers.",
        history=Example.from_row(
            {**sum_of(4), "history": [{"role": "user", "content": "What is 4 + 9?"}]}
        ).history,
    )
    asked = load_prompts(None).explain(row, "long")[-1]["content"]
    for part in ("Use whole numbers.", "Question: What is 4 + 9?", "And now?"):
        assert part in asked


def test_one_file_takes_the_place_of_one_prompt(tmp_path: Path) -> None:
    (tmp_path / "explain.j2").write_text("{{ level }}: {{ problem }} {{ marker }}")
    (tmp_path / "system.j2").write_text("")
    prompts = load_prompts(tmp_path)
    assert prompts.explain(ROW, "short") == [
        {"role": "user", "content": "short: Add the two numbers.\n\n4 9 Final answer:"}
    ]
    shipped = load_prompts(None).shorten(ROW, "short", "long text")
    assert prompts.shorten(ROW, "short", "long text") == shipped[1:]


def test_examples_of_ones_own_are_shown_at_the_level_that_is_asked(
    tmp_path: Path,
) -> None:
    levels = {"long": "Two and three: 2 + 3 = 5.", "short": "2 + 3 = 5."}
    rows = [sum_of(2, input="2 3", answer="5", explanations=levels)]
    write_rows(tmp_path / "examples.jsonl", rows)
    prompts = load_prompts(tmp_path)
    long = prompts.explain(ROW, "long")[-1]["content"]
    assert "Two and three: 2 + 3 = 5.\nFinal answer: 5\n</example>" in long
    short = prompts.shorten(ROW, "short", "x")[-1]["content"]
    assert "2 + 3 = 5.\nFinal answer: 5" in short
    assert "Two and three" not in short
    assert "<example>" not in prompts.explain(ROW, "medium")[-1]["content"]


def test_a_template_in_a_row_is_text() -> None:
    row = Example("{{ 7 * 7 }} {% raw %} <problem>", "1", "{{ self }}")
    asked = load_prompts(None).explain(row, "long")[-1]["content"]
    assert "{{ 7 * 7 }} {% raw %} <problem>\n\n{{ self }}" in asked


def test_a_prompt_cannot_reach_python_nor_the_answer(tmp_path: Path) -> None:
    for source in ("{{ ''.__class__.__mro__ }}", "{{ answer }}", "{{ nothing }}"):
        (tmp_path / "explain.j2").write_text(source)
        message = refusal_of(load_prompts(tmp_path).explain, ROW, "long")
        assert message.startswith(f"{tmp_path / 'explain.j2'}: ")


def test_files_that_nobody_would_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "explian.j2").write_text("x")
    message = refusal_of(load_prompts, tmp_path)
    assert "did you mean explain.j2?" in message
    (tmp_path / "explian.j2").unlink()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "explain.j2").write_text("{% if %}")
    assert "explain.j2: line 1: " in refusal_of(load_prompts, tmp_path)
    (tmp_path / "explain.j2").unlink()
    write_rows(tmp_path / "examples.jsonl", [{"instruction": "Add."}])
    assert "examples.jsonl, row 1, answer: is missing" in refusal_of(
        load_prompts, tmp_path
    )
