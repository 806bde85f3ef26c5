"""A chain for real: killed outright in a stage, and started again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.sweep.commands import lock_of
from axolotl_explain.sweep.locks import wait_until_free
from tests.sweep.test_resumed_sweep import RECIPE as SWEPT

pytestmark = [pytest.mark.training, pytest.mark.timeout(3_600)]

EVERY, STEPS = 10, 60
DRIVE = """
import sys
from pathlib import Path
from axolotl_explain.sweep import commands, local_backend
from axolotl_explain.training import explanation_units
from tests.internalisation import conftest
commands.MODULES["accelerate"] = "train_at_once"
whole = commands.Commands.run
def run(self, command, folder, log, environment=None):
    if command[1] != "eval":
        return whole(self, command, folder, log, environment)
    words = dict(zip(command[2::2], command[3::2]))
    recipe = conftest.yaml.safe_load(Path(words["--recipe"]).read_text())
    stage = recipe["explain"]["internalise"]["stage"]
    Path("answers.json").write_text("[[99, 10], [98, 8]]")
    data = [one for flag, one in zip(command[2::2], command[3::2]) if flag == "--data"]
    conftest.evaluate(stage, recipe, words, data)
    return commands.CommandResult(1.0, 5)
commands.Commands.run = run
count = explanation_units.UnitCount("line", longest=2, rows=200, explained=200)
explanation_units.count_units = lambda *_: count
from axolotl_explain.cli import main
sys.argv = ["axolotl-explain", *sys.argv[1:]]
if __name__ == "__main__":
    main()
"""
TRAIN = """
import os, runpy, sys
from tests.fixtures.saving import save_in_one_process
if __name__ == "__main__":
    os.environ["ACCELERATE_USE_CPU"] = "true"
    sys.argv = ["train", sys.argv[-1]]
    save_in_one_process()
    runpy.run_module("axolotl.cli.train", run_name="__main__")
"""


def recipe() -> dict[str, Any]:
    """Two stages of a tiny model, with checkpoints."""
    found = json.loads(json.dumps(SWEPT))
    found["explain"] = {
        "level": "short",
        "template": "{{ input }}\n",
        "internalise": {"max_stages": 1, "steps": STEPS, "smoothing": 1.0},
    }
    found |= {"save_steps": EVERY, "micro_batch_size": 4, "logging_steps": EVERY}
    found["dataset_num_proc"] = 1
    return dict(found)


class Chains:
    """One chain from end to end, and a copy of it that was killed in its last stage."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "recipe.yml").write_text(yaml.safe_dump(recipe()))
        (folder / "drive.py").write_text(DRIVE)
        (folder / "train_at_once.py").write_text(TRAIN)
        self.code = self.start("whole").wait()
        self.weights_of_first = weights(folder / "whole/stage-0")
        for name in ("stage-0", "data", "base"):
            shutil.copytree(folder / "whole" / name, folder / "killed" / name)
        killed = self.start("killed")
        self.stage = folder / "killed/stage-1"
        while not self.checkpoints():
            assert killed.poll() is None, self.printed()
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        wait_until_free(lock_of(self.stage))
        self.when_killed = self.checkpoints()
        self.code_again = self.start("killed").wait()

    def start(self, out: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "drive.py",
            "internalise",
            "recipe.yml",
            "--out",
            out,
        ]
        here = [str(self.folder), str(Path(__file__).parents[2])]
        path = os.pathsep.join([*here, os.environ.get("PYTHONPATH", "")])
        with (self.folder / "printed").open("a") as printed:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path},
                stdout=printed,
                stderr=printed,
            )

    def checkpoints(self) -> list[str]:
        files = self.stage.glob("checkpoint-*/trainer_state.json")
        return sorted(file.parent.name for file in files)

    def trainings(self, out: str, stage: int) -> int:
        log = self.folder / out / f"stage-{stage}" / "commands.log"
        lines = log.read_text().splitlines() if log.is_file() else []
        return sum(line.startswith("$ accelerate") for line in lines)

    def printed(self) -> str:
        return (self.folder / "printed").read_text()[-3_000:]


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Chains:
    return Chains(tmp_path_factory.mktemp("chain"))


def test_it_ends_well_in_the_end(chains: Chains) -> None:
    assert chains.code == chains.code_again == 0, chains.printed()


def test_what_was_finished_is_not_trained_twice(chains: Chains) -> None:
    assert chains.trainings("killed", 0) == chains.trainings("whole", 0) == 1
    assert chains.trainings("killed", 1) == 2
    assert weights(chains.folder / "killed/stage-0") == chains.weights_of_first


def test_the_killed_stage_went_on_from_its_checkpoint(chains: Chains) -> None:
    assert 0 < len(chains.when_killed) < STEPS / EVERY
    assert set(chains.when_killed) < set(chains.checkpoints())


def test_the_result_is_that_of_the_unbroken_chain(chains: Chains) -> None:
    whole, killed = (chains.folder / name for name in ("whole", "killed"))
    assert weights(killed / "stage-1") == weights(whole / "stage-1")
    assert weights(whole / "stage-1") != weights(whole / "stage-0")
    files = [
        json.loads((one / "internalise.json").read_text()) for one in (whole, killed)
    ]
    held_out = [[one["held_out"] for one in file["stages"]] for file in files]
    assert held_out[0] == held_out[1]


def test_the_stage_trained_on_answers_alone_behind_the_same_prompt(
    chains: Chains,
) -> None:
    said = json.loads((chains.folder / "whole/stage-1/explain.json").read_text())
    assert said["levels"] == ["short"]
    assert said["internalise"]["stage"] == 1
    first = json.loads((chains.folder / "whole/stage-0/explain.json").read_text())
    assert first["internalise"] is None
    assert said["longest_target"] < first["longest_target"]


def test_the_kept_folder_runs_without_this_package(chains: Chains) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    kept = chains.folder / "whole/kept"
    model = AutoModelForCausalLM.from_pretrained(kept)
    tokenizer = AutoTokenizer.from_pretrained(kept)
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": "3 + 4"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    assert tokenizer.decode(asked["input_ids"][0]) == "3 + 4\n"
    answer = model.generate(**asked, max_new_tokens=4, do_sample=False)
    assert answer.shape[1] > asked["input_ids"].shape[1]
