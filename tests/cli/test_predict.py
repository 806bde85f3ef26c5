"""`axolotl explain predict` on the command line, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from axolotl_explain.cli import main
from tests.fixtures.bench import write_jsonl
from tests.fixtures.openai_server import serving
from tests.fixtures.trained_folders import TrainedFolder

Train = Callable[[str], TrainedFolder]
QUESTION = {"instruction": "Add the two numbers.", "input": "1 5"}


def run(*arguments: str, **keys: Any) -> Any:
    return CliRunner().invoke(main, ["predict", *map(str, arguments)], **keys)


@pytest.mark.training
def test_rows_and_plain_questions_of_standard_input_go_to_standard_output(
    trained_folder: Train,
) -> None:
    folder = trained_folder("chat").folder
    lines = f"{json.dumps(QUESTION)}\n\nWhat is 3 + 4?\n"
    done = run("--model", folder, "--data", "-", "--max-new-tokens", "3", input=lines)
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["row"] for one in found] == [1, 2]
    assert "Add the two numbers.\n\n1 5" in found[0]["prompt"]
    assert "What is 3 + 4?" in found[1]["prompt"]
    assert "2 rows, 0 with an answer, 2 out of tokens" in done.stderr


@pytest.mark.training
def test_a_file_that_is_there_is_not_replaced_unless_asked(
    trained_folder: Train, tmp_path: Path
) -> None:
    folder = trained_folder("chat").folder
    data, out = write_jsonl(tmp_path / "rows.jsonl", [QUESTION]), tmp_path / "a.jsonl"
    out.write_text("precious\n")
    given = ("--model", folder, "--data", data, "--out", out, "--max-new-tokens", "2")
    done = run(*given)
    assert done.exit_code == 1
    assert "the file exists; name another, or pass --overwrite" in done.stderr
    assert out.read_text() == "precious\n"
    assert run(*given, "--overwrite").exit_code == 0
    assert json.loads(out.read_text())["num_tokens"] <= 2


@pytest.mark.training
def test_questions_that_are_typed_get_explanation_and_answer_apart(
    trained_folder: Train,
) -> None:
    folder = trained_folder("instruct").folder
    typed = "/level none\nWhat is 3 + 4?\n/level most\n/quit\n/input 1 5\nAdd them.\n"
    given = ("--model", folder, "--ask", "--max-new-tokens", "4")
    done = run(*given, input=typed)
    assert done.exit_code == 0, done.output
    assert f"{folder}, level long." in "".join(done.output.splitlines())
    assert "(no answer)" in done.output
    assert done.output.count("4 tokens, out of tokens before it ended") == 2
    assert "/level: 'most' is no level" in done.output
    assert "/quit: no such command" in done.output


@pytest.mark.training
def test_an_endpoint_is_asked_with_what_was_typed(trained_folder: Train) -> None:
    folder = trained_folder("chat").folder
    with serving(folder) as served:
        given = ("--model", folder, "--endpoint", served.url, "--max-new-tokens", "3")
        done = run(*given, "--ask", input="/input 1 5\nAdd the two numbers.\n")
        assert done.exit_code == 0, done.output
        assert served.prompts[0] in trained_folder("chat").prompts
        assert served.bodies[0]["stream"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "--data: name rows to ask, or pass --ask"),
        (["--ask", "--data", "x.jsonl"], "leave out --data, --out and"),
        (["--data", "x.jsonl"], "--model: name a folder that training left"),
    ],
)
def test_a_mistake_is_said_before_anything_is_loaded(
    given: list[str], said: str
) -> None:
    done = run(*given)
    assert done.exit_code == 1
    assert said in done.stderr


def test_a_folder_that_says_nothing_of_itself_asks_for_a_recipe(tmp_path: Path) -> None:
    done = run("--model", tmp_path, "--data", "x.jsonl")
    assert "the folder has no explain.json" in done.stderr
