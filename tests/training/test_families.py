"""Each architecture trains by its own recipe, is merged, and answers the same.

A tiny random model of the same architecture with its kind of tokenizer stands in for
the real one, and a few short rows for the data. The recipe's own keys are kept; only
size, device and steps are others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from axolotl.cli.args import TrainerCliArgs
from axolotl.cli.config import load_cfg
from axolotl.cli.merge_lora import do_cli as merge_lora
from axolotl.common.datasets import load_datasets
from axolotl.integrations.base import PluginManager
from axolotl.integrations.config import merge_input_args
from axolotl.train import train
from bitsandbytes.functional import dequantize_4bit, quantize_4bit
from bitsandbytes.nn import Linear4bit
from peft.tuners.lora import LoraLayer

from axolotl_explain.evaluation.asking import read_examples
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.evaluation.loaded_model import load_for_evaluation
from axolotl_explain.support.shipped import SWEEPS
from axolotl_explain.training.load import load_strategy
from tests.fixtures.bench import CPU, ROOT, sum_row, write_jsonl
from tests.fixtures.families import make_family
from tests.fixtures.family_table import FAMILIES

pytestmark = pytest.mark.training
STEPS, ROWS = 6, 12
TRIED = [
    (name, method)
    for name, family in FAMILIES.items()
    for method in ("lora", "qlora")
    if getattr(family, method)
]
CUDA_ALONE = (
    *("quantize_moe_experts", "model_quantization_config"),
    "model_quantization_config_kwargs",
)
QUESTIONS = 3


@dataclass
class Tried:
    """A recipe that has been trained, and what came of it."""

    recipe: dict[str, Any]
    folder: Path
    losses: list[float]
    loss: float
    loss_without: float
    adapted: set[str]
    four_bit: int

    def load(self, folder: Path) -> Evaluator:
        """The model in a folder, ready to be asked."""
        loaded = load_for_evaluation(self.recipe, str(folder), "transformers")
        data = self.recipe["test_datasets"][0]["path"]
        strategy = load_strategy(loaded.cfg, loaded.tokenizer, data)
        return Evaluator(loaded.model, loaded.tokenizer, strategy, data)


def answers(evaluator: Evaluator) -> list[str]:
    """What a model says to the first rows of the test data."""
    examples = list(read_examples(evaluator.data, QUESTIONS).values())
    found = evaluator.complete("long", examples, 12)
    return [completion.completion for completion in found]


def apart(one: Evaluator, other: Evaluator) -> float:
    """The largest difference of two models' logits, as a share of the largest."""
    ids = torch.arange(9, 73)[None]
    asked = {"input_ids": ids}
    if one.model.config.is_encoder_decoder:
        asked["decoder_input_ids"] = ids
    with torch.inference_mode():
        left, right = (each.model(**asked).logits for each in (one, other))
    return float((left - right).abs().max() / right.abs().max())


def round_tables_to_four_bits(evaluator: Evaluator) -> None:
    """What merging QLoRA does to embeddings and head, and training did not."""
    seen = set()
    for name, weight in evaluator.model.named_parameters():
        table = any(part in name for part in ("embed", "lm_head", "wte", "wpe"))
        table = table and weight.ndim == 2
        if table and weight.data_ptr() not in seen and "vision" not in name:
            seen.add(weight.data_ptr())
            packed, state = quantize_4bit(
                weight.data, quant_type="nf4", compress_statistics=True
            )
            weight.data.copy_(dequantize_4bit(packed, state))


def adapted_recipe(name: str, method: str, folder: Path) -> dict[str, Any]:
    """A family's recipe for this machine: smaller, shorter, without a GPU."""
    family = FAMILIES[name]
    path = ROOT / "recipes" / f"{getattr(family, method)}.yml"
    recipe = yaml.safe_load(path.read_text("utf-8"))
    rows = write_jsonl(folder / "rows.jsonl", map(sum_row, range(ROWS)))
    for entry in (*recipe["datasets"], *recipe["test_datasets"]):
        entry["path"] = rows
    device = {**CPU, **dict.fromkeys(CUDA_ALONE)}
    if recipe["attn_implementation"] != "eager":
        device["attn_implementation"] = "sdpa"
    size = {"sequence_len": 256, "gradient_accumulation_steps": 1}
    steps = {"max_steps": STEPS, "dataset_num_proc": 0}
    for kind in ("eval", "save"):
        steps |= {f"{kind}s_per_epoch": None, f"{kind}_strategy": "no"}
    kind = {
        "adapter": method,
        "load_in_4bit": method == "qlora",
    }
    places = {
        "base_model": str(folder / "base"),
        "output_dir": str(folder / "out"),
        "dataset_prepared_path": str(folder / "prepared"),
    }
    merged = {**recipe, **device, **size, **steps, **kind, **places}
    return {key: value for key, value in merged.items() if value is not None}


def run(recipe: dict[str, Any], folder: Path) -> Tried:
    """Train by Axolotl's own entry; measure on the test rows with and without."""
    path = folder / "recipe.yml"
    path.write_text(yaml.safe_dump(recipe), "utf-8")
    cfg = load_cfg(str(path))
    meta = load_datasets(cfg=cfg, cli_args=TrainerCliArgs())
    model, _, trainer = train(cfg=cfg, dataset_meta=meta)
    log = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    after = trainer.evaluate()["eval_loss"]
    with model.disable_adapter():
        before = trainer.evaluate()["eval_loss"]
    modules = dict(model.named_modules())
    adapted = {name for name, one in modules.items() if isinstance(one, LoraLayer)}
    four_bit = sum(isinstance(one, Linear4bit) for one in modules.values())
    return Tried(recipe, folder, log, after, before, adapted, four_bit)


@pytest.fixture(scope="module")
def quick_config() -> Iterator[None]:
    """Axolotl makes the class that checks a recipe once; it takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("axolotl.utils.config.merge_input_args", cache(merge_input_args))
        yield


@pytest.fixture(scope="module", params=TRIED, ids="-".join)
def tried(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    quick_config: None,
) -> Tried:
    name, method = request.param
    PluginManager.get_instance().plugins.clear()
    folder = tmp_path_factory.mktemp(f"{name}-{method}")
    make_family(FAMILIES[name], folder / "base")
    return run(adapted_recipe(name, method, folder), folder)


def test_every_family_of_the_folder_is_tried() -> None:
    folders = {path.name for path in (ROOT / "recipes").iterdir()}
    families = FAMILIES.values()
    tried = {path.split("/")[0] for one in families for path in (one.lora, one.qlora)}
    # T5 is tried by a file of its own; others hold sweeps.
    assert folders - {"cpu", "t5", *SWEEPS} == tried - {""}


def test_a_family_trains_by_its_recipe_and_answers_the_same_once_merged(
    tried: Tried,
) -> None:
    assert len(tried.losses) == STEPS
    assert tried.loss < tried.loss_without - 0.001
    assert tried.adapted
    kept = ("vis", "audio", "lm_head")
    assert not any(part in name for part in kept for name in tried.adapted)
    out, base = tried.folder / "out", tried.folder / "base"
    path = str(tried.folder / "recipe.yml")
    legacy = tried.recipe.get("merge_method") == "legacy"
    if legacy and tried.recipe["adapter"] == "lora":
        # Axolotl looks for some layers under other names than they have on disk, and
        # loses what was learned there, in silence; so these recipes name the method.
        merge_lora(path, merge_method="memory_efficient")
        lost = tried.load(out / "merged")
        assert apart(lost, tried.load(out)) > 1e-3
    merge_lora(path)
    adapter, merged = tried.load(out), tried.load(out / "merged")
    if tried.recipe["adapter"] == "lora":
        assert tried.four_bit == 0
        assert answers(merged) == answers(adapter)
        assert apart(merged, adapter) < 1e-3
        return
    # What sees is in 4 bits too, and not adapted.
    assert tried.four_bit >= len(tried.adapted)
    if legacy:
        # Into weights that were never quantised.
        assert apart(merged, tried.load(base)) > 1e-3
    else:
        round_tables_to_four_bits(adapter)
        assert apart(merged, adapter) < 0.05
