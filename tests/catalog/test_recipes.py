"""Every shipped recipe is valid for the hardware that it names, and in one style."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from axolotl.monkeypatch.lora_kernels import (
    get_attention_cls_from_config,
    patch_self_attn_lora,
)
from axolotl.monkeypatch.multipack import SUPPORTED_MULTIPACK_MODEL_TYPES
from axolotl.utils.config import prepare_plugins, validate_config
from axolotl.utils.dict import DictDefault
from transformers import AutoConfig

from axolotl_explain.catalog.header import Hardware, parse_header
from axolotl_explain.memory import model_config
from tests.fixtures.bench import ROOT

GRIDS = (ROOT / "recipes/paper", ROOT / "recipes/sweeps")
"""Folders of grids, which are no recipes."""
RECIPES = sorted(
    path for path in (ROOT / "recipes").rglob("*.yml") if path.parent not in GRIDS
)
NAMES = [path.relative_to(ROOT).as_posix() for path in RECIPES]
ENVIRONMENT = {"torch_version": "2.13.0"}
ORDERED = """
base_model model_type model_quantization_config model_quantization_config_kwargs
tokenizer_type tokenizer_use_mistral_common scratch_model
task_data plugins explain chat_template chat_template_kwargs special_tokens datasets
test_datasets
output_dir dataset_prepared_path dataset_num_proc
adapter load_in_4bit load_in_8bit quantize_moe_experts bnb_config_kwargs
lora_r lora_alpha lora_dropout lora_target_linear lora_target_modules
lora_target_parameters lora_fan_in_fan_out lora_mlp_kernel
lora_qkv_kernel lora_o_kernel lora_embedding_kernel merge_method
sequence_len pad_to_sequence_len pad_to_multiple_of sample_packing eval_sample_packing
micro_batch_size eval_batch_size gradient_accumulation_steps
num_epochs max_steps optimizer learning_rate lr_groups lr_scheduler
warmup_ratio warmup_steps weight_decay adam_beta2
bf16 fp16 tf32 attn_implementation gradient_checkpointing
gradient_checkpointing_kwargs ddp_find_unused_parameters fsdp_version fsdp_config
deepspeed use_ray ray_num_workers resources_per_worker
logging_steps evals_per_epoch eval_steps saves_per_epoch save_steps save_total_limit
auto_resume_from_checkpoints stop_at_loss seed
"""
ORDER = ORDERED.split()
"""The keys of a recipe, in the order that all of them keep."""

SELF_CONTAINED = (
    "recipes/cpu/demo.yml",
    "recipes/cpu/internalise.yml",
    "recipes/cpu/listops.yml",
)
"""They keep all that they make in one folder."""

KERNELS = [key for key in ORDER if key.endswith("_kernel")]

ALIASES = {"model_type": "type_of_model"}
"""What Axolotl calls keys after it has read them."""


def recipe_of(name: str) -> dict[str, Any]:
    recipe: dict[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return recipe


def hardware(name: str) -> Hardware:
    return parse_header((ROOT / name).read_text("utf-8"), name).hardware


def capabilities(machine: Hardware) -> dict[str, Any]:
    """What Axolotl asks a machine for: a card of the Ada generation, or none."""
    gpu = machine.gpus > 0
    return {
        "bf16": gpu,
        "fp8": False,
        "tf32": gpu,
        "n_gpu": max(1, machine.gpus),
        "compute_capability": "sm_89" if gpu else None,
    }


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the repository's root; what recipes make goes into it, once."""
    folder = tmp_path_factory.mktemp("root")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


@pytest.fixture
def from_the_root(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs in that folder."""
    monkeypatch.chdir(root)


@cache
def validated(name: str) -> tuple[dict[str, Any], Any]:
    recipe = recipe_of(name)
    if "task_data" in recipe:
        # What a recipe makes is made here, and so many rows say nothing more.
        sizes = recipe["task_data"]["sizes"]
        sizes.update({name: min(rows, 100) for name, rows in sizes.items()})
    cfg = DictDefault(recipe)
    prepare_plugins(cfg)
    return recipe, validate_config(cfg, capabilities(hardware(name)), ENVIRONMENT)


def test_a_recipe_is_found_whatever_its_folder() -> None:
    assert {name.split("/")[1] for name in NAMES} >= {
        *("cpu", "gemma3", "gemma4", "gpt-oss", "granite4", "lfm2", "llama"),
        *("ministral3", "mistral", "olmo3", "qwen3", "qwen3.5", "t5", "t5gemma2"),
    }
    files = [path for path in (ROOT / "recipes").rglob("*") if path.is_file()]
    assert sorted(one for one in files if one.parent not in GRIDS) == RECIPES


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_valid_and_none_of_its_keys_is_dropped(
    name: str, from_the_root: None
) -> None:
    recipe, cfg = validated(name)
    assert {ALIASES.get(key, key) for key in recipe} <= set(cfg)
    nested = ("explain", "datasets", "test_datasets", "scratch_model", "task_data")
    for key in set(recipe) - set(nested) - {"fsdp_config"}:
        assert cfg[ALIASES.get(key, key)] == recipe[key]
    for key, value in recipe.get("fsdp_config", {}).items():
        assert cfg.fsdp_config[key] == value


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_what_it_needs_and_how_to_run_it(name: str) -> None:
    header = parse_header((ROOT / name).read_text("utf-8"), name)
    recipe, gpus = recipe_of(name), header.hardware.gpus
    launch = "accelerate launch "
    if not gpus:
        launch += "--cpu "
    if gpus > 1:
        launch += f"--num_processes {gpus} "
    expected = f"{launch}-m axolotl.cli.train {name}"
    if "internalise" in recipe["explain"]:
        expected = f"axolotl-explain internalise {name} --out outputs/internalise"
    if recipe.get("use_ray"):
        assert recipe["ray_num_workers"] == gpus
        expected = f"axolotl train {name} --use-ray"
    assert header.run == expected
    fetches = "axolotl fetch deepspeed_configs"
    assert header.first == (fetches if recipe.get("deepspeed") else None)


@pytest.mark.parametrize("name", NAMES)
def test_keys_stand_in_one_order(name: str) -> None:
    keys = list(recipe_of(name))
    assert set(keys) <= set(ORDER), "give the key its place in ORDER"
    assert all(ORDER.index(one) < ORDER.index(two) for one, two in pairwise(keys))


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_writes_below_the_folder_of_its_family(name: str) -> None:
    folder = f"outputs/{name.split('/')[1]}/"
    if name not in SELF_CONTAINED:
        assert recipe_of(name)["output_dir"].startswith(folder)


def can_write_kernels(asked: Any) -> bool:
    """Whether the host rewrites the attention of a model; it is put back as it was."""
    attention: Any = get_attention_cls_from_config(asked)
    forward = attention.forward
    try:
        patch_self_attn_lora(asked)
    except AssertionError:  # it finds no code that it knows
        return False
    else:
        return attention.forward is not forward
    finally:
        attention.forward = forward
        if "_original_forward" in vars(attention):
            del attention._original_forward


@pytest.mark.parametrize("name", [name for name in NAMES if hardware(name).gpus])
def test_gpu_kernels_are_on_where_the_host_can_write_them(
    name: str,
    tmp_path: Path,
    from_the_root: None,
) -> None:
    recipe, cfg = validated(name)
    if not cfg.adapter:
        return
    (tmp_path / "config.json").write_text(json.dumps(model_config(recipe)), "utf-8")
    AutoConfig.from_pretrained(tmp_path)
    on = {bool(cfg[key]) for key in KERNELS}
    asked = DictDefault(base_model=str(tmp_path))
    if cfg.load_in_8bit or recipe.get("model_type"):
        assert on == {False}  # 8 bits, and encoder–decoders, have none
        return
    assert on == {can_write_kernels(asked)}


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_packed_only_where_the_host_can(name: str) -> None:
    recipe = recipe_of(name)
    if recipe.get("sample_packing"):
        kind = model_config(recipe)["model_type"]
        assert kind in SUPPORTED_MULTIPACK_MODEL_TYPES


def test_recipes_for_a_cpu_switch_the_gpu_kernels_off(from_the_root: None) -> None:
    for name in NAMES:
        _, cfg = validated(name)
        if cfg.adapter and not hardware(name).gpus:
            assert len(KERNELS) == 4
            assert [cfg[key] for key in KERNELS] == [False] * 4


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


FAMILY_OWN = {
    *("base_model", "chat_template", "explain", "special_tokens", "output_dir"),
    *("datasets", "test_datasets"),
}
"""What a sibling of another model must have of its own."""


@pytest.mark.parametrize(
    ("one", "two", "more"),
    [
        ("qwen3/qlora-8b", "llama/qlora-8b", set()),
        ("qwen3/qlora-8b", "olmo3/qlora-7b", set(KERNELS)),
        (
            "llama/qlora-8b",
            "llama/lora8bit-8b",
            {
                *("adapter", "load_in_4bit", "load_in_8bit", "bnb_config_kwargs"),
            },
        ),
        (
            *("qwen3.5/qlora-9b", "qwen3.5/lora-4b"),
            {"adapter", "load_in_4bit", "bnb_config_kwargs", "merge_method"},
        ),
        ("mistral/qlora-24b", "qwen3/qlora-32b", {"tokenizer_use_mistral_common"}),
    ],
)
def test_siblings_differ_only_where_they_must(
    one: str, two: str, more: set[str]
) -> None:
    left, right = (recipe_of(f"recipes/{name}.yml") for name in (one, two))
    differing = {key for key in {*left, *right} if left.get(key) != right.get(key)}
    assert differing <= FAMILY_OWN | more
