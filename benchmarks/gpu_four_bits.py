"""A small model in 4 bits on this machine: trained, then asked by `eval`.

python -m benchmarks.gpu_four_bits --out four_bits.json [--seconds 40] [--tiny]

The model is made on the spot with random weights, so what counts is that both commands
run to their end, that the loss falls and that answers are counted.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.gpu_commands import ROOT, evaluate, on_this_machine, train, write

SIZES = {
    "hidden_size": 1_024,
    "intermediate_size": 2_816,
    "num_hidden_layers": 12,
    "num_attention_heads": 16,
}
TEST = ROOT / "examples" / "movie_genres" / "test.jsonl"


def recipe(folder: Path, tiny: bool) -> dict[str, Any]:
    """recipes/cpu/qlora.yml, with a larger model and more epochs on a card."""
    path = ROOT / "recipes" / "cpu" / "qlora.yml"
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    found |= {
        "base_model": str(folder / "base"),
        "output_dir": str(folder / "four_bits"),
        "dataset_prepared_path": str(folder / "prepared"),
        "num_epochs": 1 if tiny else 100,
        "logging_steps": 1,
        "save_strategy": "no",
    }
    for key in ("test_datasets", "evals_per_epoch", "saves_per_epoch"):
        del found[key]
    if not tiny:
        found["scratch_model"]["config"] |= SIZES
        found |= {"learning_rate": 0.001, "optimizer": "adamw_8bit"}
        found["lora_dropout"] = 0.0
    return on_this_machine(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        keys = recipe(folder, options.tiny)
        found: dict[str, Any] = {"card": card(), "torch": torch.__version__}
        found["trained"] = train(keys, folder, options.seconds)
        write(options.out, found)
        found["eval"] = evaluate(keys, TEST, folder / "results")
        write(options.out, found)


def card() -> str | None:
    """The name of the card, if there is one."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


if __name__ == "__main__":
    main()
