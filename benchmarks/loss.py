"""What `explain.loss` costs beside Axolotl's own loss: tokens per second and memory.

Speed is measured in one process, a few micro-batches of each trainer in turn, by the
time that the process computes, so that other work on the machine hardly counts. Memory
is the peak of a process that makes one step, and of one that makes none.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

GENRES = Path(__file__).parents[1] / "examples" / "movie_genres" / "train.jsonl"
VOCABULARIES = {"small": 2_000, "128k": 128_256}
MICRO_BATCHES = 3
LONG = 4_096
ARMS = ("axolotl", "exact")


def measure_loss(rounds: int) -> dict[str, Any]:
    """Ratios of the exact loss to Axolotl's own, per size of the vocabulary."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return {
            "tokens_per_second": {
                size: _speed(_made(folder, size), rounds) for size in VOCABULARIES
            },
            "tokens_per_second_where_prompts_are_read_too": {
                size: _speed(_made(folder, size), rounds, train_on_inputs=True)
                for size in VOCABULARIES
            },
            "peak_memory": _memory(_made(folder, "128k")),
        }


def _made(folder: Path, size: str) -> Path:
    """A random Llama of four layers with a vocabulary of a size."""
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    from axolotl_explain.recipe.scratch_model import ensure_scratch_model

    small, wanted = folder / "small", folder / size
    config: dict[str, Any] = {
        "hidden_size": 256,
        "intermediate_size": 768,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "max_position_embeddings": LONG,
        "tie_word_embeddings": True,
    }
    block = {
        "config": {"model_type": "llama", **config},
        "tokenizer_data": [str(GENRES)],
        "vocab_size": VOCABULARIES["small"],
    }
    ensure_scratch_model(block, str(small))
    if not wanted.exists():
        tokenizer = AutoTokenizer.from_pretrained(small)
        ids = {
            f"{name}_token_id": getattr(tokenizer, f"{name}_token_id")
            for name in ("bos", "eos", "pad")
        }
        model = LlamaForCausalLM(
            LlamaConfig(vocab_size=VOCABULARIES[size], **config, **ids)
        )
        model.save_pretrained(wanted)
        tokenizer.save_pretrained(wanted)
    return wanted


def _recipe(model: Path, arm: str, **keys: Any) -> Path:
    explain: dict[str, Any] = {"level": "long"}
    if arm == "exact":
        explain["loss"] = {}
    recipe = {
        "base_model": str(model),
        "plugins": ["axolotl_explain.ExplainPlugin"],
        "explain": explain,
        "datasets": [
            {
                "path": str(GENRES),
                "ds_type": "json",
                "type": "axolotl_explain.instruct",
            }
        ],
        "output_dir": str(model.parent / f"{model.name}-{arm}"),
        "dataset_prepared_path": str(model.parent / "prepared"),
        "sequence_len": 512,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 1,
        "max_steps": 1,
        "optimizer": "adamw_torch",
        "learning_rate": 0.001,
        "bf16": False,
        "fp16": False,
        "tf32": False,
        "seed": 42,
        **keys,
    }
    path = model.parent / f"{model.name}-{arm}.yml"
    path.write_text(yaml.safe_dump(recipe), "utf-8")
    return path


def _trainer(path: Path) -> Any:
    from axolotl.cli.args import TrainerCliArgs
    from axolotl.cli.config import load_cfg
    from axolotl.common.datasets import load_datasets
    from axolotl.train import setup_model_and_trainer

    cfg = load_cfg(str(path))
    meta = load_datasets(cfg=cfg, cli_args=TrainerCliArgs())
    trainer, *_ = setup_model_and_trainer(cfg, meta)
    trainer.create_optimizer_and_scheduler(num_training_steps=1_000)
    trainer.current_gradient_accumulation_steps = 1
    return trainer


def _speed(model: Path, rounds: int, **keys: Any) -> dict[str, Any]:
    arms = {arm: _trainer(_recipe(model, arm, **keys)) for arm in ARMS}
    batches = {arm: _batches(trainer) for arm, trainer in arms.items()}
    for arm, trainer in arms.items():
        _steps(trainer, batches[arm])
    ratios = []
    speeds: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for _ in range(rounds):
        for arm, trainer in arms.items():
            speeds[arm].append(_steps(trainer, batches[arm]))
        ratios.append(speeds["exact"][-1] / speeds["axolotl"][-1])
    return {
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(one, 3) for one in sorted(ratios)],
        **{arm: round(statistics.median(one)) for arm, one in speeds.items()},
    }


def _batches(trainer: Any) -> Iterator[Any]:
    return cycle(trainer.get_train_dataloader())


def _steps(trainer: Any, batches: Iterator[Any]) -> float:
    """Trained tokens per second of this process."""
    tokens, start = 0, time.process_time()
    for _ in range(MICRO_BATCHES):
        samples, total = trainer.get_batch_samples(batches, 1, trainer.args.device)
        (batch,) = samples
        tokens += int((batch["attention_mask"]).sum())
        trainer.training_step(trainer.model, dict(batch), total)
        trainer.optimizer.step()
        trainer.optimizer.zero_grad()
    return tokens / (time.process_time() - start)


def _memory(model: Path) -> dict[str, Any]:
    """Peak of a step on one row of LONG tokens, in GB; the loss reads every token."""
    peaks = {arm: _peak(model, arm, "--step") for arm in ARMS}
    idle = _peak(model, ARMS[0])
    return {
        "ratio": round(peaks["exact"] / peaks["axolotl"], 3),
        "ratio_above_idle": round(
            (peaks["exact"] - idle) / (peaks["axolotl"] - idle), 3
        ),
        **{arm: round(peak, 2) for arm, peak in peaks.items()},
        "idle": round(idle, 2),
    }


def _peak(model: Path, arm: str, *step: str) -> float:
    done = subprocess.run(
        [sys.executable, __file__, "--peak", str(model), arm, *step],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    return float(done.stdout.strip().splitlines()[-1])


def _print_peak(model: Path, arm: str, step: bool) -> None:
    import torch

    from axolotl_explain.core.target import Kind
    from axolotl_explain.tokens.join import KINDS

    trainer = _trainer(_recipe(model, arm, micro_batch_size=1))
    ids = torch.randint(3, 2_000, (1, LONG))
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
    total = None
    if arm == "exact":
        batch[KINDS] = torch.full(ids.shape, Kind.EXPLANATION, dtype=torch.int8)
        total = trainer._get_num_items_in_batch([batch], trainer.args.device)
    if step:
        trainer.training_step(trainer.model, batch, total)
        trainer.optimizer.step()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peak", nargs=2, metavar=("MODEL", "ARM"))
    parser.add_argument("--step", action="store_true")
    options = parser.parse_args()
    if options.peak:
        _print_peak(Path(options.peak[0]), options.peak[1], options.step)
    else:
        print(json.dumps(measure_loss(options.rounds), indent=2))


if __name__ == "__main__":
    main()
