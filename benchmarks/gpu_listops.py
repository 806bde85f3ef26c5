"""ListOps with 30 classes, without explanations and with long ones, for equal times.

python -m benchmarks.gpu_listops --out listops.json [--seconds 170] [--tiny]

`recipes/paper/listops_levels_gpu.yml`, cut down to one size (T5-small's, from
scratch), two arms and one seed. An arm without explanations makes more steps in its
seconds, since its targets are short: both numbers are written.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.gpu_commands import ROOT, evaluate, on_this_machine, train, write
from benchmarks.gpu_four_bits import card

SWEEP = ROOT / "recipes" / "paper" / "listops_levels_gpu.yml"
ARMS = ("long", "none")
TINY = {
    "scratch_model.config": {
        **{"model_type": "t5", "d_model": 32, "d_kv": 8, "d_ff": 64},
        **{"num_layers": 1, "num_heads": 4},
    },
    "task_data.sizes": {"train": 256, "validation": 32, "test": 24, "test_long": 0},
    "task_data.options": {"max_value": 29, "min_length": 5, "max_length": 8},
    "explain.max_target_tokens": 512,
    "micro_batch_size": 8,
}
LARGE = {
    "micro_batch_size": 32,
    "task_data.sizes": {"train": 96_000, "validation": 64, "test": 500, "test_long": 0},
}


def recipe(folder: Path, arm: str, tiny: bool) -> dict[str, Any]:
    """The sweep's recipe for one arm, on this machine."""
    sweep = yaml.safe_load(SWEEP.read_text("utf-8"))
    found: dict[str, Any] = yaml.safe_load((ROOT / sweep["recipe"]).read_text("utf-8"))
    rows = folder / "listops"
    for key, value in {
        **sweep["set"],
        **(TINY if tiny else LARGE),
        "base_model": str(folder / "base"),
        "scratch_model.tokenizer_data": [str(rows / "validation.jsonl")],
        "task_data.folder": str(rows),
        "datasets": [{**found["datasets"][0], "path": str(rows / "train.jsonl")}],
        "output_dir": str(folder / arm),
        "dataset_prepared_path": str(folder / "prepared"),
        "explain.level": arm,
        "num_epochs": 100,
        "warmup_steps": 5 if tiny else 500,
        "save_strategy": "no",
    }.items():
        put(found, key.split("."), value)
    for key in ("test_datasets", "evals_per_epoch", "saves_per_epoch"):
        del found[key]
    return on_this_machine(found)


def put(recipe: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a key, or one inside a block.

    >>> recipe = {"explain": {"level": "long"}}
    >>> put(recipe, ["explain", "level"], "none")
    >>> recipe
    {'explain': {'level': 'none'}}
    """
    *blocks, last = path
    for block in blocks:
        recipe = recipe.setdefault(block, {})
    recipe[last] = value


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=170)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    found: dict[str, Any] = {"card": card(), "seconds_each": options.seconds}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for arm in ARMS:
            keys = recipe(folder, arm, options.tiny)
            found[arm] = {"trained": train(keys, folder, options.seconds)}
            write(options.out, found)
            test = folder / "listops" / "test.jsonl"
            found[arm]["eval"] = evaluate(keys, test, folder / f"{arm}-results")
            write(options.out, found)


if __name__ == "__main__":
    main()
