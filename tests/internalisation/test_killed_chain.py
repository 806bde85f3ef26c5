"""A chain for real: killed outright in a stage, and started again."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.sweep.commands import lock_of
from axolotl_explain.sweep.locks import wait_until_free
from tests.fixtures import forked
from tests.sweep.test_resumed_sweep import RECIPE as SWEPT

pytestmark = [pytest.mark.training, pytest.mark.timeout(3_600)]

EVERY, STEPS = 10, 60
DRIVEN = "tests.internalisation.driven_chain"


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
        self.unbroken = self.start("whole").wait()
        self.weights_of_first = weights(folder / "whole/stage-0")
        for name in ("stage-0", "data", "base"):
            shutil.copytree(folder / "whole" / name, folder / "killed" / name)
        killed = self.start("killed")
        self.stage = folder / "killed/stage-1"
        while not self.checkpoints():
            assert killed.process.is_alive(), killed.wait()
            time.sleep(0.02)
        killed.process.kill()
        killed.wait()
        wait_until_free(lock_of(self.stage))
        self.when_killed = self.checkpoints()
        self.again = self.start("killed").wait()

    def start(self, out: str) -> forked.Forked:
        words = ("internalise", "recipe.yml", "--out", out)
        return forked.start(DRIVEN, *words, cwd=self.folder)

    def checkpoints(self) -> list[str]:
        files = self.stage.glob("checkpoint-*/trainer_state.json")
        return sorted(file.parent.name for file in files)

    def trainings(self, out: str, stage: int) -> int:
        log = self.folder / out / f"stage-{stage}" / "commands.log"
        lines = log.read_text().splitlines() if log.is_file() else []
        return sum(line.startswith("$ accelerate") for line in lines)


def weights(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Chains:
    return Chains(tmp_path_factory.mktemp("chain"))


def test_it_ends_well_in_the_end(chains: Chains) -> None:
    for ended in (chains.unbroken, chains.again):
        assert ended.returncode == 0, ended.stdout + ended.stderr


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
