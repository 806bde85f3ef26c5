"""QLoRA and LoRA of a random model of a real size, with this plugin and without.

python -m benchmarks.gpu --out gpu.json           # Qwen3 8B, within 20 minutes
python -m benchmarks.gpu --out tiny.json --tiny   # a small one, to try it on a CPU

The shipped recipes train a randomly initialised model of the same shape on generated
rows: with the plugin, with its loss in chunks too (`explain.loss`), and `plain`, which
is Axolotl without the plugin on the very same tokens, prepared before. Written, as each
run ends, are tokens per second, their ratios, the peak memory and what was estimated.
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
from axolotl_explain.memory.known_models import MODELS
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data
from benchmarks.gpu_commands import write

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


def compare(bench: Bench, method: str, repeats: int, out: Path) -> None:
    """All ways in turn; the best of each is written as soon as it is known."""
    shipped = bench.recipe(method)
    recipe = {**shipped, "explain": {**shipped["explain"]}}
    recipe["explain"].pop("loss", None)
    chunked = {**recipe, "explain": {**recipe["explain"], "loss": {}}}
    ways = {"plugin": recipe, "plain": bench.plain(recipe), "plugin and loss": chunked}
    best: dict[str, dict[str, Any]] = {}
    for turn in range(repeats):
        for name, keys in ways.items():
            found = bench.run(f"{method}-{name.replace(' ', '-')}-{turn}", keys)
            found["memory"] = memory(bench, keys, found)
            speed = "tokens_per_second"
            if name not in best or found[speed] > best[name][speed]:
                best[name] = found
            if "plain" in best:
                for each in best.values():
                    each["ratio"] = round(each[speed] / best["plain"][speed], 3)
            write(out, report(bench, method, best))


def report(
    bench: Bench, method: str, best: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """What is known so far; ratios of tokens per second are to Axolotl alone."""
    return {
        "model": "tiny" if bench.tiny else "Qwen3 8B, random weights",
        "method": method,
        "torch": torch.__version__,
        **best,
    }


def memory(bench: Bench, recipe: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    """What was estimated, beside what the card held at its peak."""
    found = estimate(recipe, bench.config)
    asked = sum(one.bytes for one in found.items if one.name != "overhead")
    told: dict[str, Any] = {
        "estimated_gib": round(found.gib, 3),
        "estimated_without_overhead_gib": round(asked / 2**30, 3),
        "parts_gib": {one.name: round(one.bytes / 2**30, 3) for one in found.items},
        "measured_gib": None,
        "error": None,
    }
    if run["reserved_gib"] is not None:
        measured = run["reserved_gib"] + run["outside_torch_gib"]
        told["measured_gib"] = round(measured, 3)
        told["error"] = round(found.gib / measured - 1, 3)
        told["error_of_parts"] = round(asked / 2**30 / run["allocated_gib"] - 1, 3)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tiny", action="store_true", help="a small model, on a CPU")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--method", choices=sorted(RECIPES), default="qlora")
    options = parser.parse_args()
    if not options.tiny and not torch.cuda.is_available():
        raise SystemExit(
            "There is no CUDA card here; --tiny tries the script on a CPU."
        )
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.tiny, options.steps)
        bench.make()
        compare(bench, options.method, options.repeats, options.out)
    print(options.out.read_text("utf-8"))


if __name__ == "__main__":
    main()
