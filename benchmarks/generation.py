"""Rows per second of evaluation, against one row at a time and a bare `generate` loop.

The same prompts, of many lengths, go through `Evaluator.complete` in batches, through
it one at a time, and through `model.generate` on the very same padded batches with
nothing before or after. All on a tiny model that never ends a completion early, so that
each takes all the tokens that evaluation allows it, and in one thread, whose processor
time is taken. Other work on the machine slows that too: the ratios are the medians over
rounds, and within a round the ways that are compared stand side by side.
"""

from __future__ import annotations

import io
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import datasets
import torch
from axolotl.prompt_strategies import load
from axolotl.utils.dict import DictDefault
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.batching import BatchLimits, plan_batches
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.tasks import TASKS

DATA = Path(__file__).parents[1] / "examples" / "movie_genres" / "train.jsonl"
LEVEL = "long"
TASK = "modular_sum"
LENGTHS = {"min_length": 4, "max_length": 6}
LIMITS = BatchLimits()


def measure_generation(rows: int, repeats: int) -> dict[str, Any]:
    """The median of several rounds, all ways in turn within each round."""
    datasets.disable_progress_bars()
    transformers_logging.disable_progress_bar()
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            ways, new_tokens = ways_of(tiny_evaluator(Path(folder)), rows)
        rounds = [
            {name: _seconds(way) for name, way in ways.items()} for _ in range(repeats)
        ]

    def ratio(other: str) -> float:
        found = [seconds[other] / seconds["batched"] for seconds in rounds]
        return round(statistics.median(found), 2)

    return {
        "rows": rows,
        "new_tokens": new_tokens,
        "rows_per_processor_second": {
            name: round(rows / statistics.median(each[name] for each in rounds))
            for name in ways
        },
        "ratio_to_one_at_a_time": ratio("one at a time"),
        "ratio_to_bare_generate": ratio("bare generate"),
    }


def _seconds(way: Callable[[], object]) -> float:
    begin = time.process_time()
    way()
    return time.process_time() - begin


def ways_of(
    evaluator: Evaluator, rows: int
) -> tuple[dict[str, Callable[[], object]], int]:
    """The ways by name, and the tokens that each completion takes."""
    task = TASKS[TASK]
    options = task.options(**LENGTHS)
    examples = [task.problem(options, 0, "test", index, 0) for index in range(rows)]
    formatter = evaluator.strategy.formatter
    prompts = formatter.prompts([TrainingRow.of(one, LEVEL) for one in examples])
    new_tokens = evaluator.token_budget(LEVEL, examples)
    batches = _padded(prompts, new_tokens, formatter.stop_ids[0])

    def complete(limits: BatchLimits) -> object:
        return evaluator.complete(LEVEL, examples, limits=limits)

    def bare() -> None:
        with torch.inference_mode():
            for batch in batches:
                evaluator.model.generate(
                    **{
                        key: one.to(evaluator.model.device)
                        for key, one in batch.items()
                    },
                    max_new_tokens=new_tokens,
                    do_sample=False,
                    eos_token_id=formatter.stop_ids,
                    pad_token_id=formatter.stop_ids[0],
                )

    ways: dict[str, Callable[[], object]] = {
        "one at a time": lambda: complete(BatchLimits(1)),
        "batched": lambda: complete(LIMITS),
        "bare generate": bare,
    }
    return ways, new_tokens


def _padded(
    prompts: list[list[int]], new_tokens: int, filler: int
) -> list[dict[str, torch.Tensor]]:
    """The batches that evaluation makes, as tensors."""
    batches = []
    for places in plan_batches([len(ids) for ids in prompts], new_tokens, LIMITS):
        width = max(len(prompts[at]) for at in places)
        gaps = [width - len(prompts[at]) for at in places]
        pairs = [(gap, prompts[at]) for gap, at in zip(gaps, places, strict=True)]
        ids = [[filler] * gap + prompt for gap, prompt in pairs]
        mask = [[0] * gap + [1] * len(prompt) for gap, prompt in pairs]
        batches.append(
            {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
        )
    return batches


TINY = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def tiny_evaluator(folder: Path, sizes: dict[str, int] = TINY) -> Evaluator:
    """An evaluator of a random Llama that never ends a completion early."""
    base = str(folder / "base")
    block = {
        "config": {"model_type": "llama", **sizes},
        "tokenizer_data": [str(DATA)],
        "vocab_size": 400,
    }
    ensure_scratch_model(block, base)
    model = AutoModelForCausalLM.from_pretrained(base).eval()
    tokenizer = AutoTokenizer.from_pretrained(base)
    with torch.no_grad():
        # The end token is never the likeliest: every completion takes all its tokens.
        model.lm_head.weight[tokenizer.eos_token_id] = 0
    entry = {"path": TASK, "type": "axolotl_explain.instruct"}
    install_settings({"explain": {"level": LEVEL}, "datasets": [entry]})
    cfg = DictDefault(sequence_len=512)
    strategy = load(entry["type"], tokenizer, cfg, DictDefault(entry))
    return Evaluator(model, tokenizer, strategy)
