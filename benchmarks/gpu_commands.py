"""Train and evaluate by the commands that a user types, each within its seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.stop_after import NOTED

ROOT = Path(__file__).parents[1]
KERNELS = (
    "lora_mlp_kernel",
    "lora_qkv_kernel",
    "lora_o_kernel",
    "lora_embedding_kernel",
)
WHOLE = {"bf16": False, "fp16": False, "tf32": False}
SHORT = {"bf16": True, "tf32": True}


def on_this_machine(recipe: dict[str, Any]) -> dict[str, Any]:
    """The recipe with the precision and the attention that there is here."""
    if not torch.cuda.is_available():
        return recipe | WHOLE | dict.fromkeys(KERNELS, False)
    left = {key: recipe[key] for key in recipe if key not in (*WHOLE, *KERNELS)}
    return left | SHORT | {"attn_implementation": "sdpa"}


def train(recipe: dict[str, Any], folder: Path, seconds: float) -> dict[str, Any]:
    """Train for so many seconds, loading and saving excluded.

    Returns:
        Steps, seconds, first and last loss.
    """
    path = folder / f"{Path(recipe['output_dir']).name}.yml"
    plugins = [*recipe["plugins"], "benchmarks.stop_after.StopAfter"]
    path.write_text(yaml.safe_dump({**recipe, "plugins": plugins}), "utf-8")
    where = [] if torch.cuda.is_available() else ["--cpu"]
    run(
        [
            *("-m", "accelerate.commands.launch", "--num_processes", "1", *where),
            *("-m", "axolotl.cli.train", str(path)),
        ],
        {"BENCHMARK_SECONDS": str(seconds)},
    )
    found: dict[str, Any] = json.loads(
        (Path(recipe["output_dir"]) / NOTED).read_text("utf-8")
    )
    return found


def evaluate(recipe: dict[str, Any], data: Path, out: Path, *more: str) -> Any:
    """What `axolotl-explain eval` measured of the model that a recipe trained."""
    start = time.monotonic()
    model = recipe["output_dir"]
    run(
        [
            *("-m", "axolotl_explain", "eval", "--model", model),
            *("--data", str(data), "--out", str(out), *more),
        ]
    )
    found = json.loads((out / "metrics.json").read_text("utf-8"))
    return {"seconds": round(time.monotonic() - start, 1), "metrics": found}


def run(arguments: list[str], environment: dict[str, str] | None = None) -> None:
    """Run Python; what it prints goes to the error stream.

    Raises:
        SystemExit: if it fails.
    """
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        stdout=sys.stderr,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}")


def write(path: Path, found: Any) -> None:
    """Write what is known so far, whole."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    draft.replace(path)
