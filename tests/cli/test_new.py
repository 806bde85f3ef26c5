"""`axolotl explain new` as it is typed, and what `check` says of what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.catalog.header import parse_header
from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.cli import asking, main
from tests.fixtures.bench import ROOT
from tests.fixtures.families import make_family
from tests.fixtures.family_table import FAMILIES
from tests.fixtures.other_families import OTHERS

GENRES = ROOT / "examples" / "movie_genres"
SUMS = [(a, b) for a in range(2, 10) for b in range(3, 9)]
RIGHT = ("--level", "long", "--out", "own.yml")


@pytest.fixture(autouse=True)
def own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_process: None
) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def families(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny models of other architectures."""
    where = tmp_path_factory.mktemp("families")
    for name in ("llama", "qwen3", "gpt2"):
        make_family({**FAMILIES, **OTHERS}[name], where / name)
    return where


def run(*options: object, exit_code: int = 0, answers: str = "") -> str:
    line = ["new", *map(str, options)]
    result = CliRunner().invoke(main, line, input=answers)
    assert result.exit_code == exit_code, result.output
    return result.output


def recipe() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path("own.yml").read_text("utf-8"))
    return found


def gsm() -> str:
    """Rows like those of GSM8K."""
    return lines(
        {
            "question": f"Tom has {a} apples and buys {b}. How many has he now?",
            "answer": f"He has {a}+{b}=<<{a}+{b}={a + b}>>{a + b}.\n#### {a + b}",
        }
        for a, b in SUMS
    )


def table() -> str:
    """Columns of one's own."""
    rows = [f"Is {a} more than {b}?,{a > b},It is {a} - {b} = {a - b}" for a, b in SUMS]
    Path("own.csv").write_text("\n".join(["Query,Label,why", *rows]), "utf-8")
    return "own.csv"


def talk() -> str:
    """Conversations with thoughts."""
    return lines(
        {
            "messages": [
                {"role": "user", "content": f"What is {a} + {b}?"},
                {
                    "role": "assistant",
                    "content": f"<think>{a}, {b} more</think>{a + b}",
                },
            ]
        }
        for a, b in SUMS
    )


def lines(rows: Any) -> str:
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return "rows.jsonl"


def errors() -> list[str]:
    """What the check of the recipe finds to be wrong."""
    found = check_recipe("own.yml").findings
    return [f"{one.code}: {one}" for one in found if one.severity == "error"]


def test_a_chat_model_on_a_cpu(tiny_model: Path) -> None:
    said = run("--model", tiny_model, "--data", GENRES, "--memory", 0, *RIGHT)
    found = recipe()
    assert found["datasets"][0]["type"] == "axolotl_explain.chat"
    assert found["test_datasets"][0]["path"] == f"{GENRES}/test.jsonl"
    assert (found["adapter"], found["bf16"]) == ("lora", False)
    assert [
        found[f"lora_{one}_kernel"] for one in ("mlp", "qkv", "o", "embedding")
    ] == [False] * 4
    assert found["learning_rate"] == 0.0002
    assert "Method: LoRA, the one that a CPU has the time for." in said
    assert "\n  accelerate launch --cpu -m axolotl.cli.train own.yml\n" in said
    header = parse_header(Path("own.yml").read_text("utf-8"), "own.yml")
    assert header.run == "accelerate launch --cpu -m axolotl.cli.train own.yml"
    assert errors() == []


def test_a_model_without_a_template_and_rows_like_gsm8k(families: Path) -> None:
    options = ("--model", families / "llama", "--data", gsm(), "--memory", 8)
    said = run(*options, "--out", "own.yml", "--yes")
    found = recipe()
    assert found["explain"] == {"level": "medium", "preset": "gsm8k"}
    assert found["datasets"][0]["type"] == "axolotl_explain.instruct"
    assert found["special_tokens"]["pad_token"] in FAMILIES["llama"].special
    assert "adapter" not in found
    assert found["val_set_size"] == 0.05
    assert "Prompts: instruct; its tokenizer has no chat template." in said
    assert "axolotl-explain check own.yml --memory 8\n" in said
    assert errors() == []


def test_thoughts_go_where_the_template_has_a_field_for_them(families: Path) -> None:
    options = ("--model", families / "qwen3", "--data", talk(), "--memory", 24)
    run(*options, "--out", "own.yml", "--yes")
    found = recipe()
    assert found["explain"] == {"level": "long", "thinking": True, "messages": {}}
    assert found["chat_template"] == "tokenizer_default"
    assert errors() == []
    run(*options, "--out", "own.yml", "--yes", "--force", "--no-thinking")
    assert "thinking" not in recipe()["explain"]


def test_an_encoder_decoder_with_columns_of_ones_own(tiny_t5: Path) -> None:
    options = ("--model", tiny_t5, "--data", table(), "--memory", 0)
    run(*options, "--level", "{none: 1, long: 2}", "--out", "own.yml")
    found = recipe()
    assert found["model_type"] == "AutoModelForSeq2SeqLM"
    assert found["datasets"][0]["type"] == "axolotl_explain.seq2seq"
    assert found["explain"]["columns"] == {
        "instruction": "Query",
        "answer": "Label",
        "long": "why",
    }
    assert found["explain"]["level"] == {"none": 1, "long": 2}
    assert found["lora_target_modules"] == ["q", "k", "v", "o", "wi", "wo"]
    assert errors() == []


def test_an_architecture_of_its_own_has_its_own_layers(families: Path) -> None:
    options = ("--model", families / "gpt2", "--data", table(), "--memory", 0)
    run(*options, "--out", "own.yml", "--yes")
    assert recipe()["lora_target_modules"] == ["c_attn", "c_proj", "c_fc"]
    assert "lora_target_linear" not in recipe()
    assert errors() == []


def test_everything_is_asked_for_on_a_terminal(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    Path("odd.csv").write_text("a,b,c\n" + '3 + 4?,7,"3, then 4"\n' * 20, "utf-8")
    typed = ["./nowhere", tiny_model, "none.csv", "odd.csv", "a", "b", "c", "x", 0]
    typed += ["short", "long", "own.yml", "y"]
    said = run(answers="\n".join(map(str, typed)) + "\n")
    assert "Error: --model ./nowhere: there is no such folder." in said
    assert "Error: --data none.csv: there is no such file." in said
    assert "Error: --memory x: a number of GB" in said
    assert "Error: --level short: no row has a short explanation" in said
    assert recipe()["explain"]["columns"] == {
        "instruction": "a",
        "answer": "b",
        "long": "c",
    }


def test_nothing_is_written_where_the_user_says_no(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "at_terminal", lambda: True)
    options = ("--model", tiny_model, "--data", GENRES, "--memory", 0, *RIGHT)
    assert "Aborted!" in run(*options, answers="n\n", exit_code=1)
    assert not Path("own.yml").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "--model, --data, --memory, --gpus, --level, --out: missing, and there"),
        (("--memory", 0, "--level", "all"), "--model, --data, --out: missing, and"),
        (("--yes",), "--model, --data: missing; --yes has no default here."),
        (("--yes", "--model", "./no", "--data", GENRES), "--model ./no: there is no"),
        (("--yes", "--model", "a/b", "--data", "no.csv"), "--data no.csv: there is no"),
    ],
)
def test_what_is_missing_is_said_at_once(
    options: tuple[object, ...], message: str
) -> None:
    assert message in run(*options, exit_code=1)
    assert not list(Path().glob("*.yml"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--level", "short"), "--level short: no row has a short explanation; they"),
        (("--level", "lng"), "--level lng: 'lng' is no level"),
        (("--level", "requested"), "no row has a field level that asks for one"),
        (("--thinking",), "has no reasoning field; leave it out"),
        (("--gpus", "2"), "--gpus 2: --memory 0 says that there is no card"),
        (("--preset", "esnli"), "none of its rows can be read; row 1, label"),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(
    options: tuple[str, ...], message: str, tiny_model: Path
) -> None:
    given = ("--model", tiny_model, "--data", gsm(), "--memory", 0, "--yes")
    assert message in run(*given, *options, exit_code=1)
    assert not list(Path().glob("*.yml"))


def test_columns_that_say_nothing_are_asked_for_by_option(tiny_model: Path) -> None:
    Path("odd.csv").write_text("a,b,c\n" + '3 + 4?,7,"3, then 4"\n' * 20, "utf-8")
    given = ("--model", tiny_model, "--data", "odd.csv", "--memory", 0, "--yes")
    said = run(*given, exit_code=1)
    assert "--data odd.csv: nothing fits its columns (a, b, c); say which is" in said
    named = [f"--columns={one}" for one in ("instruction=a", "answer=b", "long=c")]
    run(*given, *named, "--out", "own.yml")
    assert recipe()["explain"]["level"] == "long"


def test_a_file_that_is_there_is_replaced_only_by_force(tiny_model: Path) -> None:
    Path("own.yml").write_text("mine: true\n", "utf-8")
    options = ("--model", tiny_model, "--data", GENRES, "--memory", 0, *RIGHT)
    assert "--out own.yml: the file exists" in run(*options, exit_code=1)
    assert Path("own.yml").read_text("utf-8") == "mine: true\n"


def test_no_line_but_a_command_is_wider_than_the_terminal(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    said = run("--model", tiny_model, "--data", gsm(), "--memory", 0, "--yes")
    shown = said.partition("\nWrote ")[0].splitlines()
    assert len(shown) > 10
    assert max(map(len, shown)) <= 40
