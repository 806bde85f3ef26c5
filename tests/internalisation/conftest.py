"""A base recipe, and commands of a chain that take no time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.internalisation.chain import (
    Chain,
    EvaluationPlan,
    ExplanationUnits,
    plan_chain,
)
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.store import store
from axolotl_explain.sweep.commands import CommandResult, Commands
from axolotl_explain.sweep.local_backend import LocalBackend
from tests.fixtures.runs import completion

HELD_OUT, TEST = "old/data/validation.jsonl", "old/data/test.jsonl"
UNITS = ExplanationUnits(longest=3, rows=100, explained=100)


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A recipe that makes its data and its model; the working folder is empty."""
    monkeypatch.chdir(tmp_path)
    return {
        "base_model": "old/base",
        "scratch_model": {
            "config": {"model_type": "llama", "hidden_size": 8},
            "tokenizer_data": [HELD_OUT],
        },
        "task_data": {
            "folder": "old/data",
            "task": "modular_sum",
            "options": {"min_length": 2, "max_length": 4},
            "sizes": {"train": 100, "validation": 5, "test": 5, "test_long": 0},
        },
        "explain": {"level": "long", "internalise": {"steps": 50}},
        "datasets": [
            {"path": "old/data/train.jsonl", "type": "axolotl_explain.instruct"}
        ],
        "output_dir": "old/run",
        "micro_batch_size": 8,
        "num_epochs": 2,
        "learning_rate": 0.001,
        "seed": 1,
    }


@pytest.fixture
def plan(base: dict[str, Any]) -> Callable[..., Chain]:
    """Plans the chain of the base recipe, with other options and keys."""

    def planned(options: dict[str, Any] | None = None, **keys: Any) -> Chain:
        recipe = {**base, **keys}
        block = {**base["explain"]["internalise"], **(options or {})}
        recipe["explain"] = {**base["explain"], "internalise": block}
        asked = EvaluationPlan([HELD_OUT], [TEST])
        return plan_chain(recipe, Path("out"), UNITS, asked)

    return planned


@pytest.fixture
def quick_chain(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Commands that leave what the real ones leave; called with each stage's answers.

    Training fails at the stage that a file `fails` names, and is noted in `trained`.
    """

    def run(
        self: Commands,
        command: list[str],
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> CommandResult:
        words = command[2:] if command[1] == "eval" else []
        named = dict(zip(words[::2], words[1::2], strict=True))
        recipe = yaml.safe_load(Path(named.get("--recipe", command[-1])).read_text())
        stage = recipe["explain"]["internalise"]["stage"]
        if not words:
            train(stage, recipe)
        else:
            pairs = zip(words[::2], words[1::2], strict=True)
            data = [value for name, value in pairs if name == "--data"]
            evaluate(stage, recipe, named, data)
        return CommandResult(1.0, 5)

    monkeypatch.setattr(Commands, "run", run)
    # They take no memory that would have to be waited for.
    monkeypatch.setattr(LocalBackend, "memory_gate", lambda self: None)

    def answers(*of_stages: tuple[int, int]) -> None:
        Path("answers.json").write_text(json.dumps(of_stages))

    return answers


def train(stage: int, recipe: Mapping[str, Any]) -> None:
    """Weights that say which stages they have gone through."""
    if Path("fails").is_file() and Path("fails").read_text() == str(stage):
        raise ExplainError("ended with exit code 1: the reason why")
    out = Path(recipe["output_dir"])
    last = out / "checkpoint-7"
    last.mkdir()
    state = {"global_step": 7, "log_history": []}
    (last / "trainer_state.json").write_text(json.dumps(state))
    before = Path(recipe["base_model"]) / "model.safetensors"
    weights = before.read_text() if before.is_file() else "base"
    (out / "model.safetensors").write_text(f"{weights} > {stage}")
    (out / "config.json").write_text("{}")
    with Path("trained").open("a") as file:
        file.write(f"{stage}\n")


def evaluate(
    stage: int, recipe: dict[str, Any], named: Mapping[str, str], data: list[str]
) -> None:
    """A hundred answers to each file, as `answers.json` has them for the stage."""
    right, tokens = json.loads(Path("answers.json").read_text())[stage]
    row = {
        **completion(0, "long", right=True),
        "model": named["--model"],
        "num_tokens": tokens,
    }
    rows = [
        Completion.from_dict({**row, "data": one, "row": n, "exact_match": n < right})
        for one in data
        for n in range(100)
    ]
    facts = {"model": named["--model"], "recipe_content": recipe}
    store(Path(named["--out"]), rows, facts)
