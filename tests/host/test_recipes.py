"""Every shipped recipe is valid for the hardware that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from axolotl.utils.config import prepare_plugins, validate_config
from axolotl.utils.dict import DictDefault

from .bench import ROOT

RECIPES = sorted((ROOT / "recipes").rglob("*.yml"))
NAMES = [path.relative_to(ROOT).as_posix() for path in RECIPES]
LAPTOP = {
    "bf16": False,
    "fp8": False,
    "tf32": False,
    "n_gpu": 1,
    "compute_capability": None,
}
GPU = {
    "bf16": True,
    "fp8": False,
    "tf32": True,
    "n_gpu": 1,
    "compute_capability": "sm_89",
}
ENVIRONMENT = {"torch_version": "2.13.0"}
ALIASES = {"model_type": "type_of_model"}
"""What Axolotl calls keys after it has read them."""


def header(name: str) -> list[str]:
    """The comment lines that a recipe opens with, without their marks."""
    lines = (ROOT / name).read_text("utf-8").partition("\n\n")[0].splitlines()
    return [line.removeprefix("#").strip() for line in lines]


def needs(name: str) -> str:
    (line,) = [line for line in header(name) if line.startswith("Needs:")]
    return line


@pytest.fixture
def from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder like the repository's root; what a recipe makes goes into it."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)


def validated(name: str) -> tuple[dict[str, Any], Any]:
    recipe = yaml.safe_load((ROOT / name).read_text("utf-8"))
    cfg = DictDefault(recipe)
    prepare_plugins(cfg)
    machine = GPU if "GPU" in needs(name) else LAPTOP
    return recipe, validate_config(cfg, machine, ENVIRONMENT)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_valid_and_none_of_its_keys_is_dropped(
    name: str, from_the_root: None
) -> None:
    recipe, cfg = validated(name)
    assert {ALIASES.get(key, key) for key in recipe} <= set(cfg)
    for key in ("adapter", "load_in_4bit", "bf16", "sample_packing", "learning_rate"):
        assert cfg[key] == recipe.get(key, cfg[key])


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_what_it_needs_and_how_to_run_it(name: str) -> None:
    (run,) = [line for line in header(name) if line.startswith("Run:")]
    assert run.endswith(f"-m axolotl.cli.train {name}")
    assert ("--cpu" in run) == ("any CPU" in needs(name))


def test_recipes_for_a_cpu_switch_the_gpu_kernels_off(from_the_root: None) -> None:
    for name in NAMES:
        _, cfg = validated(name)
        if cfg.adapter and "any CPU" in needs(name):
            kernels = [key for key in cfg if key.endswith("_kernel")]
            assert len(kernels) == 4
            assert not any(cfg[key] for key in kernels)


def test_the_three_laptop_recipes_differ_only_where_they_must() -> None:
    lora, qlora, full = (
        yaml.safe_load((ROOT / f"recipes/cpu/{name}.yml").read_text("utf-8"))
        for name in ("lora", "qlora", "full")
    )
    own = {"output_dir"}
    assert {key for key in qlora if qlora[key] != lora.get(key)} == {
        *own,
        "adapter",
        "load_in_4bit",
    }
    assert {key for key in full if full[key] != lora.get(key)} == {
        *own,
        "learning_rate",
    }
    assert {key.split("_")[0] for key in set(lora) - set(full)} == {"adapter", "lora"}
