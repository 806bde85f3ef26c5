"""A sweep for real: killed outright, and started again."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.sweep.commands import lock_of
from axolotl_explain.sweep.locks import wait_until_free
from tests.fixtures import forked

pytestmark = [pytest.mark.training, pytest.mark.timeout(3_600)]

COMMAND = "tests.fixtures.forked_commands"
EVERY = 20
"""Steps between two checkpoints; all are kept."""

RECIPE: dict[str, Any] = {
    "base_model": "base",
    "scratch_model": {
        "config": {
            "model_type": "llama",
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "max_position_embeddings": 64,
        },
        "tokenizer_data": ["data/validation.jsonl"],
        "vocab_size": 300,
    },
    "task_data": {
        "folder": "data",
        "task": "modular_sum",
        "options": {"min_length": 2, "max_length": 3},
        "sizes": {"train": 200, "validation": 4, "test": 4, "test_long": 0},
    },
    "plugins": ["axolotl_explain.ExplainPlugin"],
    "explain": {"level": "none", "template": "{{ input }}\n"},
    "datasets": [
        {
            "path": "data/train.jsonl",
            "ds_type": "json",
            "type": "axolotl_explain.instruct",
        }
    ],
    "output_dir": "unused",
    "sequence_len": 64,
    "micro_batch_size": 1,
    "num_epochs": 1,
    "optimizer": "adamw_torch",
    "learning_rate": 0.001,
    "bf16": False,
    "fp16": False,
    "tf32": False,
    "save_steps": EVERY,
    "save_total_limit": 100,
    "logging_steps": EVERY,
    "seed": 1,
}
GRID = {"recipe": "recipe.yml", "out": "sweep", "grid": {"seed": [1, 2]}}


class Ended:
    """What is left when the sweep was killed in its second run, and at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "recipe.yml").write_text(yaml.safe_dump(RECIPE))
        (folder / "grid.yml").write_text(yaml.safe_dump(GRID))
        sweep = self.start()
        second = self.run("seed2")
        while not self.checkpoints("seed2"):
            assert sweep.process.is_alive(), sweep.wait()
            time.sleep(0.02)
        sweep.process.kill()
        sweep.wait()
        wait_until_free(lock_of(second))
        self.whole_when_killed = self.checkpoints("seed2")
        self.first_when_killed = self.run("seed1") / "run.json"
        self.first_changed = self.first_when_killed.stat().st_mtime_ns
        self.again = self.start().wait()

    def start(self) -> forked.Forked:
        words = ("sweep", "grid.yml", "--jobs", "1")
        return forked.start(COMMAND, *words, cwd=self.folder)

    def run(self, name: str) -> Path:
        return self.folder / "sweep/runs" / name

    def checkpoints(self, name: str) -> dict[str, int]:
        """Checkpoint -> when its last file was written."""
        files = self.run(name).glob("checkpoint-*/trainer_state.json")
        return {file.parent.name: file.stat().st_mtime_ns for file in files}

    def commands(self, name: str) -> list[str]:
        lines = (self.run(name) / "commands.log").read_text().splitlines()
        return [line for line in lines if line.startswith("$ ")]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return Ended(tmp_path_factory.mktemp("sweep"))


def test_what_was_finished_is_kept(ended: Ended) -> None:
    assert "seed1  kept" in ended.again.stdout + ended.again.stderr
    assert ended.first_when_killed.stat().st_mtime_ns == ended.first_changed
    assert len(ended.commands("seed1")) == 2


def test_what_was_killed_goes_on_from_its_checkpoint(ended: Ended) -> None:
    after = ended.checkpoints("seed2")
    last = RECIPE["task_data"]["sizes"]["train"]
    assert 0 < len(ended.whole_when_killed) < len(after) == last / EVERY
    assert {name: after[name] for name in ended.whole_when_killed} == (
        ended.whole_when_killed
    )
    train, again, evaluate = ended.commands("seed2")
    assert train == again
    assert " eval " in evaluate


def test_it_ends_well_and_holds_the_results_of_both(ended: Ended) -> None:
    assert ended.again.returncode == 0, ended.again.stdout + ended.again.stderr
    results = json.loads((ended.folder / "sweep/results.json").read_text())["runs"]
    assert [(run["name"], run["state"]) for run in results] == [
        ("seed1", "finished"),
        ("seed2", "finished"),
    ]
    steps = RECIPE["task_data"]["sizes"]["train"]
    assert [run["steps"] for run in results] == [steps, steps]


def test_a_run_that_went_on_counts_its_tokens_from_the_beginning(ended: Ended) -> None:
    """Both runs have read the same rows."""
    runs = json.loads((ended.folder / "sweep/results.json").read_text())["runs"]
    points = [
        [one for curve in run["curves"] for one in curve["points"]] for run in runs
    ]
    whole, resumed = (max(one["tokens"] for one in found) for found in points)
    assert whole == resumed > 0


def test_the_report_shows_the_runs(ended: Ended) -> None:
    page = (ended.folder / "sweep/report/report.html").read_text()
    assert "seed1" in page
    assert "seed2" in page


def test_prepared_data_are_not_left_behind(ended: Ended) -> None:
    prepared = ended.folder / "sweep/prepared"
    assert list(prepared.iterdir()) == []
