"""QLoRA and LoRA of a random model of a real size, with this plugin and without.

python benchmarks/gpu.py --out gpu.json           # Qwen3 8B, within 20 minutes
python benchmarks/gpu.py --out tiny.json --tiny   # a small one, to try it on a CPU

The shipped recipes train a randomly initialised model of the same shape on generated
rows. `plain` is Axolotl without the plugin on the very same tokens, prepared before.
Written are tokens per second, their ratio, the peak memory and what was estimated.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")

import torch
import yaml
from axolotl.cli.args import TrainerCliArgs
from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets
from axolotl.integrations.base import PluginManager
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from axolotl_explain.memory import estimate
from axolotl_explain.memory.models import MODELS
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data

HERE = Path(__file__).parent
RECIPES = {"qlora": "qwen3/qlora-8b", "lora": "qwen3/lora-8b"}
KERNELS = (
    "lora_mlp_kernel",
    "lora_qkv_kernel",
    "lora_o_kernel",
    "lora_embedding_kernel",
)
TINY = {
    **{"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2},
    **{"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16},
    "vocab_size": 2_000,
}


@dataclass(frozen=True)
class Bench:
    """Where things lie, and what is the same for all runs."""

    folder: Path
    tiny: bool
    steps: int

    @property
    def config(self) -> dict[str, Any]:
        """Of the model: Qwen3 8B, or a small one of the same architecture."""
        return {**MODELS["Qwen/Qwen3-8B"], **(TINY if self.tiny else {})}

    def recipe(self, method: str) -> dict[str, Any]:
        """A shipped recipe on the random model and generated rows, for some steps."""
        path = HERE.parent / "recipes" / f"{RECIPES[method]}.yml"
        recipe: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        recipe["datasets"][0]["path"] = str(self.folder / "rows" / "train.jsonl")
        for key in ("test_datasets", "evals_per_epoch", "saves_per_epoch"):
            del recipe[key]
        recipe |= {
            "base_model": str(self.folder / "model"),
            "chat_template": "qwen3",
            "output_dir": str(self.folder / "out"),
            "dataset_prepared_path": str(self.folder / "prepared"),
            "shuffle_merged_datasets": False,
            "gradient_accumulation_steps": 1,
            "max_steps": self.steps,
            "save_strategy": "no",
        }
        if not find_spec("flash_attn"):
            recipe["attn_implementation"] = "sdpa"
        if self.tiny:
            recipe |= {"bf16": False, "fp16": False, "tf32": False, "sequence_len": 256}
            recipe |= dict.fromkeys(KERNELS, False)
        return recipe

    def make(self) -> None:
        """Rows, tokenizer and model."""
        sizes = {"train": 200 if self.tiny else 8_000, "validation": 0, "test": 0}
        task = {"folder": str(self.folder / "rows"), "task": "modular_sum"}
        ensure_task_data({**task, "sizes": {**sizes, "test_long": 0}})
        rows = str(self.folder / "rows" / "train.jsonl")
        small = {"config": {"model_type": "qwen3", **TINY}, "tokenizer_data": [rows]}
        ensure_scratch_model(small, str(self.folder / "small"))
        folder = self.folder / "model"
        AutoTokenizer.from_pretrained(self.folder / "small").save_pretrained(folder)
        config = AutoConfig.for_model(**self.config, eos_token_id=None)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        with torch.device(device):
            model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
        model.save_pretrained(folder)
        del model
        torch.cuda.empty_cache()

    def plain(self, recipe: dict[str, Any]) -> dict[str, Any]:
        """The recipe without the plugin, on the tokens that the plugin made of it."""
        path = self.folder / "tokens.jsonl"
        if not path.exists():
            written = self._write("prepare", recipe)
            data = load_datasets(cfg=load_cfg(str(written)), cli_args=TrainerCliArgs())
            PluginManager.get_instance().plugins.clear()
            keep = ("input_ids", "attention_mask", "labels")
            data.train_dataset.select_columns(keep).to_json(path)
        entry = {"path": str(path), "ds_type": "json", "type": None}
        left = {key: recipe[key] for key in recipe if key not in ("plugins", "explain")}
        return {**left, "datasets": [entry]}

    def run(self, name: str, recipe: dict[str, Any]) -> dict[str, Any]:
        """Train in a process of its own, so that peaks do not mix."""
        command = [sys.executable, str(HERE / "gpu_run.py"), self._write(name, recipe)]
        print(f"{name} …", file=sys.stderr, flush=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [
            line for line in done.stdout.splitlines() if line.startswith("RESULT ")
        ]
        if done.returncode or not lines:
            raise SystemExit(
                f"{name} failed:\n{done.stdout[-3_000:]}\n{done.stderr[-6_000:]}"
            )
        found: dict[str, Any] = json.loads(lines[0].removeprefix("RESULT "))
        return found

    def _write(self, name: str, recipe: dict[str, Any]) -> str:
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(recipe, sort_keys=False), "utf-8")
        return str(path)


def compare(bench: Bench, method: str, repeats: int) -> dict[str, Any]:
    """Both ways in turn, and the best of each."""
    recipe = bench.recipe(method)
    ways = {"plugin": recipe, "plain": bench.plain(recipe)}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in ways}
    for turn in range(repeats):
        for name, keys in ways.items():
            runs[name].append(bench.run(f"{method}-{name}-{turn}", keys))
    best = {
        name: max(found, key=lambda one: one["tokens_per_second"])
        for name, found in runs.items()
    }
    ratio = best["plugin"]["tokens_per_second"] / best["plain"]["tokens_per_second"]
    return {"ratio": round(ratio, 3), **best, "memory": memory(bench, recipe, best)}


def memory(
    bench: Bench, recipe: dict[str, Any], best: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """What was estimated, beside what the card held at its peak."""
    found = estimate(recipe, bench.config)
    peak = best["plugin"]["reserved_gib"]
    report: dict[str, Any] = {
        "estimated_gib": round(found.gib, 3),
        "parts_gib": {one.name: round(one.bytes / 2**30, 3) for one in found.items},
        "measured_gib": None,
        "error": None,
    }
    if peak is not None:
        measured = peak + best["plugin"]["outside_torch_gib"]
        report["measured_gib"] = round(measured, 3)
        report["error"] = round(found.gib / measured - 1, 3)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tiny", action="store_true", help="a small model, on a CPU")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--method", choices=sorted(RECIPES), action="append")
    options = parser.parse_args()
    if not options.tiny and not torch.cuda.is_available():
        raise SystemExit(
            "There is no CUDA card here; --tiny tries the script on a CPU."
        )
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.tiny, options.steps)
        bench.make()
        methods = options.method or list(RECIPES)
        report = {
            "model": "tiny" if options.tiny else "Qwen3 8B, random weights",
            "torch": torch.__version__,
            **{name: compare(bench, name, options.repeats) for name in methods},
        }
    options.out.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
