"""Commands in the documents run as they stand, or it is said where they are tried."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from axolotl_explain.cli import main
from tests.fixtures.bench import ROOT, write_jsonl
from tests.fixtures.trained_folders import ROWS, TrainedFolder, recipe_of
from tests.test_documents import PAGES

BLOCK = re.compile(r"```(?:sh|bash|console)\n(.*?)```", re.DOTALL)
OURS = re.compile(r"axolotl[- ]explain ")
ELSEWHERE = {
    r"pip install": "needs a package index",
    r"make (demo|test|reproduce)": "runs everything, this test too, or for hours",
    r"make reproduce-docs": "tests/test_reproduction.py compares what it makes",
    r"python -m benchmarks.memory_peaks": "tests/benchmarks/test_memory_peaks.py",
    r"accelerate launch": "tests/training",
    r"axolotl-explain internalise": "tests/internalisation",
    r"lm_eval run": "tests/lm_eval_tasks/test_functions.py",
    r"vllm serve": "needs a GPU",
    r"(transformers serve|curl )": "tests/evaluation/test_transformers_serve.py",
    r"(ollama|llama-\w+|python llama.cpp)": "programs that pip has not",
    r"axolotl merge-lora": "tests/training/test_explain_folder.py",
    r"axolotl-explain predict .*--endpoint": "tests/evaluation/test_endpoint.py",
    r"axolotl-explain annotate": "tests/teacher/test_transformers_serve.py",
}
"""Beginning of a command -> why it is not run here, or which test runs it."""

NEW = "--model outputs/run --data data/ --memory 0 --yes"
"""What is typed where `new` asks."""

ALSO = {
    "generate": "--train 4 --validation 2 --test 2 --test-long 2",
    "sweep": "--dry-run",
    "predict": "--max-new-tokens 4",
    "eval": "--max-new-tokens 4 --limit 2",
}
"""Command -> options that make it small; it runs with all that the document has."""

GRID = """\
recipe: recipe.yml
out: outputs/sweep
grid:
  explain.level: [none, long]
evaluate:
  data: data/test.jsonl
"""
GSM8K = {"question": "1 + 2?", "answer": "1+2=<<1+2=3>>3\n#### 3"}
LRA = "Source\tTarget\n( ( ( [MAX 4 ) 7 ) ] )\t7\n"


def commands() -> list[tuple[str, str]]:
    """(page, command) of all blocks, without comments and doubles."""
    found: dict[str, str] = {}
    for page in PAGES:
        for block in BLOCK.findall((ROOT / page).read_text("utf-8")):
            for command in whole_commands(block):
                found.setdefault(command, page)
    return [(page, command) for command, page in found.items()]


def whole_commands(block: str) -> Iterator[str]:
    """The commands of a block, also those that go over several lines."""
    command = ""
    for line in block.replace("\\\n", " ").splitlines():
        command = f"{command} {line}".strip()
        if command.count("'") % 2:
            continue
        bare = re.sub(r"\s+", " ", command.partition(" #")[0]).strip()
        if bare and not bare.startswith("#"):
            yield bare
        command = ""


def taught_grid() -> str:
    """The sweep that docs/annotating.md has."""
    page = (ROOT / "docs" / "annotating.md").read_text("utf-8")
    (grid,) = re.findall(r"```yaml\n(recipe: .*?)```", page, re.DOTALL)
    return str(grid)


def elsewhere(command: str) -> bool:
    return any(re.match(beginning, command) for beginning in ELSEWHERE)


HERE = [one for one in commands() if not elsewhere(one[1])]


@pytest.fixture(scope="module")
def workspace(
    trained_folder: Callable[[str], TrainedFolder],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder that holds what the documents name."""
    trained = trained_folder("instruct")
    folder = tmp_path_factory.mktemp("documents")
    recipe = recipe_of(trained)
    (folder / "data").mkdir()
    for name in ("train", "test", "validation"):
        write_jsonl(folder / "data" / f"{name}.jsonl", ROWS)
    recipe["datasets"][0]["path"] = "data/train.jsonl"
    (folder / "recipe.yml").write_text(yaml.safe_dump(recipe))
    write_jsonl(folder / "data" / "taught.jsonl", ROWS)
    (folder / "taught.yml").write_text(taught_grid())
    write_jsonl(folder / "rows.jsonl", [{"instruction": "1 + 2?"}])
    (folder / "grid.yml").write_text(GRID)
    (folder / "lra_train.tsv").write_text(LRA)
    write_jsonl(folder / "train.jsonl", [GSM8K])
    (folder / "table.csv").write_text("question,reason,a\n1 + 2?,One and two.,3\n")
    for name in ("recipes", "examples"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(trained.folder, folder / "outputs" / "run")
    (folder / "outputs" / "alone").symlink_to(folder / "outputs" / "run")
    (folder / "outputs" / "internalise").mkdir()
    (folder / "outputs" / "internalise" / "data").symlink_to(folder / "data")
    return folder


@pytest.fixture(scope="module")
def evaluated(workspace: Path) -> Path:
    """The same with two runs that can be reported."""
    for name in ("run-1", "run-2"):
        shutil.copytree(workspace / "outputs" / "run", workspace / "outputs" / name)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(workspace)
            asked = f"eval --model outputs/{name} --data data/test.jsonl"
            options = f"--out outputs/{name} {ALSO['eval']}"
            done = CliRunner().invoke(main, shlex.split(f"{asked} {options}"))
        assert done.exit_code == 0, done.output
    return workspace


def test_there_are_commands_of_every_kind() -> None:
    used = {OURS.sub("", command).split()[0] for _, command in HERE}
    assert {"check", "eval", "inspect", "predict", "recipes", "report"} <= used


@pytest.mark.training
@pytest.mark.parametrize(("page", "command"), HERE, ids=[one[1] for one in HERE])
def test_a_command_runs_as_it_stands(
    evaluated: Path, monkeypatch: pytest.MonkeyPatch, page: str, command: str
) -> None:
    monkeypatch.chdir(evaluated)
    if command.startswith("sed "):
        subprocess.run(command, shell=True, check=True)
        return
    assert OURS.match(command), f"{page}: {command}: say in ELSEWHERE where it is tried"
    words = shlex.split(OURS.sub("", command))
    more = shlex.split(ALSO.get(words[0], ""))
    if words[0] == "generate" and "--from" in words:
        more = []
    if words == ["new"]:
        more = shlex.split(NEW)
    done = CliRunner().invoke(main, [*words, *more], input="\n")
    assert done.exit_code == 0, f"{page}: {command}\n{done.output}"
