"""The public Python API: its lines in the documents run, and ask as training did."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import axolotl_explain
from axolotl_explain import Example, Prompter, Reply, read_examples, verify_row
from axolotl_explain.tasks.modular_sum import as_example
from tests.fixtures.bench import ROOT, refusal, sum_row, write_jsonl
from tests.fixtures.trained_folders import ROWS, TrainedFolder

Train = Callable[[str], TrainedFolder]
DOCUMENT = (ROOT / "docs" / "python.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
RECIPE = """
plugins: [axolotl_explain.ExplainPlugin]
base_model: none-of-the-hub
explain: {level: {none: 1, short: 1}}
datasets: [{path: gone.jsonl, ds_type: json, type: axolotl_explain.instruct}]
"""


def block(holding: str, text: str = DOCUMENT) -> str:
    """The one block of Python in a document that holds these words."""
    (found,) = [
        one for one in re.findall(r"```python\n(.*?)```", text, re.S) if holding in one
    ]
    return str(found)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yml"
    path.write_text(RECIPE)
    return path


def test_the_public_names_are_these() -> None:
    assert axolotl_explain.__all__ == [
        *("LEVELS", "Example", "ExplainError", "ExplainPlugin", "Grade", "Level"),
        *("Prompter", "Reply", "Verdict", "__version__", "read_examples"),
        "verify_row",
    ]
    assert all(hasattr(axolotl_explain, name) for name in axolotl_explain.__all__)


def test_it_asks_and_reads_without_torch_and_transformers(recipe: Path) -> None:
    code = f"""
from axolotl_explain import Prompter
prompter = Prompter({str(recipe)!r})
prompter.messages("What?")
prompter.grade({{"instruction": "What?", "answer": "7"}}, prompter.read("7"))
import sys; print(*sys.modules)"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "axolotl_explain.prompter" in loaded
    assert loaded & {"torch", "transformers", "datasets", "axolotl"} == set()


@pytest.mark.training
@pytest.mark.parametrize("way", ["instruct", "chat", "thinking", "seq2seq"])
def test_the_lines_with_transformers_give_the_ids_of_training(
    trained_folder: Train, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trained_folder(way)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "run").symlink_to(one.folder)
    monkeypatch.chdir(tmp_path)
    lines = block("AutoModelForSeq2SeqLM" if way == "seq2seq" else "AutoModelForCausal")
    if way == "instruct":
        # As the document says of adapters.
        lines = lines.replace("AutoModelForCausalLM", "AutoPeftModelForCausalLM")
        lines = lines.replace("import AutoPeftModelForCausalLM,", "import")
        lines = f"from peft import AutoPeftModelForCausalLM\n{lines}"
    names: dict[str, Any] = {}
    exec(lines, names)
    assert isinstance(names["reply"], Reply)
    assert names["inputs"]["input_ids"][0].tolist() in one.prompts


@pytest.mark.training
@pytest.mark.parametrize("way", ["chat", "thinking"])
def test_the_lines_of_the_readme_ask_as_training_did(
    trained_folder: Train, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = trained_folder(way).folder
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "run").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {
        "model": AutoModelForCausalLM.from_pretrained(folder),
        "tokenizer": AutoTokenizer.from_pretrained(folder),
    }
    exec(block("Prompter", README), names)
    assert isinstance(names["reply"], Reply)
    wanted = names["tokenizer"](Prompter(folder).prompt("What is 3 + 4?"))
    assert names["ids"]["input_ids"][0].tolist() == wanted["input_ids"]


@pytest.mark.training
@pytest.mark.parametrize("way", ["instruct", "chat", "thinking", "seq2seq"])
def test_every_prompt_as_text_is_that_of_training(
    trained_folder: Train, way: str
) -> None:
    from transformers import AutoTokenizer

    one = trained_folder(way)
    tokenizer = AutoTokenizer.from_pretrained(one.folder)
    trained = {tokenizer.decode(ids) for ids in one.prompts}
    for prompter in (Prompter(one.folder), Prompter(one.recipe)):
        asked = set()
        for row in ROWS:
            for level in prompter.levels:
                ids = tokenizer(prompter.prompt(row, level))["input_ids"]
                asked.add(tokenizer.decode(ids))
        assert trained <= asked
    text = "3 + 4. | Final answer: 7" if way == "seq2seq" else "3 + 4.\nFinal answer: 7"
    reply = Prompter(one.folder).read(f"{text}{tokenizer.eos_token}\n")
    assert (reply.explanation, reply.answer) == ("3 + 4.", "7")


@pytest.mark.training
def test_the_lines_with_a_client_send_messages_and_read_the_reply(
    trained_folder: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: dict[str, Any] = {}

    class Completions:
        """What the lines use of the client."""

        def create(self, **keys: Any) -> Any:
            sent.update(keys)
            said = type("Message", (), {"content": "3 + 4.\nFinal answer: 7"})
            return type("R", (), {"choices": [type("C", (), {"message": said})]})

    client = type(
        "Client", (), {"chat": type("Chat", (), {"completions": Completions()})}
    )
    module = type(sys)("openai")
    module.OpenAI = lambda **keys: client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "openai", module)
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "run").symlink_to(trained_folder("instruct").folder)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(block("from openai"), names)
    long = "Give a long explanation, with every step, and the answer."
    assert sent["messages"] == [{"role": "user", "content": f"What is 3 + 4?\n{long}"}]
    assert names["reply"].answer == "7"


def test_the_lines_that_read_rows_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    exec(block("for example in read_examples"), {})
    assert "horror ['long', 'medium', 'short']" in capsys.readouterr().out


def test_a_level_is_asked_for_in_words_and_the_most_by_default(recipe: Path) -> None:
    prompter = Prompter(recipe)
    assert prompter.levels == ("none", "short")
    most = prompter.messages("What?")[0]["content"]
    assert most == prompter.messages("What?", "short")[0]["content"]
    assert most == "What?\nGive a short explanation with the answer."
    assert "the answer alone" in prompter.prompt("What?", "none")


def test_a_level_that_prompts_cannot_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yml"
    path.write_text(RECIPE.replace("{none: 1, short: 1}", "long"))
    message = refusal(Prompter(path).prompt, "What?", "short")
    assert message.startswith("level: short: the prompts of this recipe do not say")


def test_answers_are_graded_and_explanations_verified(recipe: Path) -> None:
    example = as_example([3, 9, 6], 10, "sum-1")
    prompter = Prompter(recipe)
    right = f"{example.explanations['short']}\nFinal answer: {example.answer}"
    assert prompter.grade(example, right).exact_match
    verdict = prompter.verify(example, right, "short")
    assert verdict is not None
    assert verdict.valid
    wrong = prompter.verify(example, f"11\nFinal answer: {example.answer}", "short")
    assert wrong is not None
    assert (wrong.valid, wrong.step) == (False, 1)
    assert all(one.valid for one in verify_row(example).values())
    assert refusal(prompter.grade, "What?", right).startswith(
        "answer: the row has none"
    )


def test_rows_of_a_source_are_read_with_or_without_answers(tmp_path: Path) -> None:
    rows = [{"q": "What?", "a": "3"}, {"q": "Who?"}]
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    columns = {"instruction": "q", "answer": "a"}
    assert read_examples(path, columns=columns) == [
        Example("What?", "3"),
        Example("Who?", ""),
    ]
    assert "read_examples.colums: no such key" in refusal(
        read_examples, path, colums={}
    )


def test_a_file_is_read_as_in_training_or_as_canonical_rows(tmp_path: Path) -> None:
    path = tmp_path / "recipe.yml"
    path.write_text(RECIPE.replace("{level: {none: 1, short: 1}}", "{preset: gsm8k}"))
    prompter = Prompter(path)
    assert prompter.example({"question": "What?"}) == Example("What?", "")
    assert prompter.example(sum_row(1)) == Example.from_row(sum_row(1))


def test_a_folder_without_explain_json_says_what_to_name(tmp_path: Path) -> None:
    assert "has no explain.json" in refusal(Prompter, tmp_path)
