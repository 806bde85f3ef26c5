"""The laptop recipes, run for real as their first lines say."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bitsandbytes
import pytest
import yaml
from axolotl.cli.config import load_cfg
from axolotl.loaders import ModelLoader
from axolotl.loaders.tokenizer import load_tokenizer
from safetensors.torch import load_file

from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from tests.fixtures import forked
from tests.fixtures.bench import ROOT

pytestmark = pytest.mark.training
ACCELERATE = Path(sys.executable).with_name("accelerate")
RUNS = {
    "lora": ("lora", {}),
    "qlora": ("qlora", {}),
    "full": ("full", {}),
}
LAUNCHED = "lora"
"""The one that starts as the recipe's first lines say, word for word."""

LAYERS, LINEARS = 4, 7


class Trained:
    """All runs, two at a time, on one base model that is made beforehand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = folder / "base"
        recipe = yaml.safe_load((ROOT / "recipes/cpu/lora.yml").read_text("utf-8"))
        ensure_scratch_model(recipe["scratch_model"], str(self.base))
        self.before = digests(self.base)
        with ThreadPoolExecutor(2) as pool:
            self.ended = dict(zip(RUNS, pool.map(self._run, RUNS), strict=True))

    def _run(self, name: str) -> subprocess.CompletedProcess[str]:
        recipe, keys = RUNS[name]
        overrides = {**self.overrides(name), **keys}
        words = [f"--{key}={value}" for key, value in overrides.items()]
        command = ["axolotl.cli.train", f"recipes/cpu/{recipe}.yml", *words]
        own = {"HF_DATASETS_CACHE": str(self.folder / "cache")}
        if name != LAUNCHED:
            as_launched = {**own, "ACCELERATE_USE_CPU": "true"}
            return forked.run(*command, cwd=ROOT, env=as_launched)
        return subprocess.run(
            [str(ACCELERATE), "launch", "--cpu", "-m", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **own},
        )

    def overrides(self, name: str) -> dict[str, str]:
        return {
            "base_model": str(self.base),
            "output_dir": str(self.out(name)),
            "dataset_prepared_path": str(self.folder / f"prepared-{name}"),
        }

    def out(self, name: str) -> Path:
        return self.folder / name

    def losses(self, name: str) -> list[float]:
        """The training losses, as the trainer logged them."""
        assert self.ended[name].returncode == 0, self.ended[name].stderr[-3_000:]
        (state,) = self.out(name).glob("checkpoint-*/trainer_state.json")
        history = json.loads(state.read_text("utf-8"))["log_history"]
        return [entry["loss"] for entry in history if "loss" in entry]

    def weights(self, name: str) -> dict[str, Any]:
        (file,) = self.out(name).glob("*.safetensors")
        return dict(load_file(file))


def digests(folder: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
    }


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(tmp_path_factory.mktemp("training"))


@pytest.mark.parametrize("name", RUNS)
def test_the_loss_comes_down(trained: Trained, name: str) -> None:
    losses = trained.losses(name)
    assert losses[-1] < losses[0] - 0.3


@pytest.mark.parametrize("name", ["lora", "qlora"])
def test_an_adapter_is_saved_that_holds_lora_weights_alone(
    trained: Trained, name: str
) -> None:
    weights = trained.weights(name)
    assert len(weights) == 2 * LAYERS * LINEARS
    assert all(".lora_A." in key or ".lora_B." in key for key in weights)
    assert all(weight.abs().sum() > 0 for weight in weights.values())


def test_a_full_fine_tune_changes_every_weight(trained: Trained) -> None:
    before = dict(load_file(trained.base / "model.safetensors"))
    after = trained.weights("full")
    assert set(before) == set(after)
    assert [key for key in before if (before[key] == after[key]).all()] == []


def test_the_base_model_is_left_as_it_was(trained: Trained) -> None:
    assert digests(trained.base) == trained.before


def test_qlora_holds_its_base_weights_in_four_bits(
    trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    cfg = load_cfg("recipes/cpu/qlora.yml", **trained.overrides("qlora"))
    model, _ = ModelLoader(cfg, load_tokenizer(cfg)).load()
    linears = [
        module
        for module in model.modules()
        if isinstance(module, bitsandbytes.nn.Linear4bit)
    ]
    assert len(linears) == LAYERS * LINEARS
    assert {module.weight.quant_state.quant_type for module in linears} == {"nf4"}
    for module in linears:
        num_bytes = module.weight.numel() * module.weight.element_size()
        assert 2 * num_bytes == module.in_features * module.out_features
