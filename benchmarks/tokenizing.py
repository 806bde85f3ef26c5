"""Rows per second of `axolotl_explain.instruct`, against Axolotl and the tokenizer.

The same prompts and targets go through Axolotl's built-in alpaca strategy, through
ours, and as whole texts through the fast tokenizer alone. The first two run in as many
processes as Axolotl takes by default; the tokenizer in one, with its own threads.

`nothing but ids` does in the same processes only what no strategy can leave out: it
makes the ids of prompts and targets that are written already. No strategy on this
tokenizer can be faster, so its ratio to alpaca is the bound of ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
from axolotl.prompters import AlpacaPrompter
from axolotl.utils.data.wrappers import get_dataset_wrapper
from axolotl.utils.datasets import get_default_process_count
from axolotl.utils.dict import DictDefault
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from axolotl_explain.core.example import Example
from axolotl_explain.recipe.install import install_settings

DATA = Path(__file__).parents[1] / "examples" / "movie_genres" / "train.jsonl"
LEVEL = "long"
BATCH = 1_000


def measure_tokenizing(rows: int, repeats: int) -> dict[str, Any]:
    """The best of several rounds, all ways in turn within each round."""
    datasets.disable_progress_bars()
    logging.disable(logging.WARNING)
    ways = _ways(rows)
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(repeats):
        for name, way in ways.items():
            begin = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                way()
            best[name] = min(best[name], time.perf_counter() - begin)
    per_second = {name: rows / seconds for name, seconds in best.items()}
    ours = per_second["axolotl_explain.instruct"]
    return {
        "rows": rows,
        "processes": get_default_process_count(),
        "rows_per_second": {name: round(speed) for name, speed in per_second.items()},
        "ratio_to_alpaca": round(ours / per_second["alpaca"], 2),
        "bound_of_ratio_to_alpaca": round(
            per_second["nothing but ids"] / per_second["alpaca"], 2
        ),
        "ratio_to_tokenizer": round(ours / per_second["tokenizer"], 2),
    }


def _tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """A byte-level BPE in the manner of GPT-2, trained on the texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=16_000,
        special_tokens=["<|end|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts[:1_000], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>")


def _ways(rows: int) -> dict[str, Callable[[], object]]:
    lines = DATA.read_text("utf-8").splitlines()
    examples = [Example.from_row(json.loads(line)) for line in lines]
    examples = [examples[index % len(examples)] for index in range(rows)]
    targets = [
        f"{one.explanations[LEVEL]}\nFinal answer: {one.answer}" for one in examples
    ]
    alpaca = {
        "instruction": [one.instruction for one in examples],
        "input": [one.input for one in examples],
        "output": targets,
    }
    prompter = AlpacaPrompter()
    texts = [
        next(prompter.build_prompt(one.instruction, one.input)) + target
        for one, target in zip(examples, targets, strict=True)
    ]
    tokenizer = _tokenizer(texts)
    template = next(prompter.build_prompt("{{ instruction }}", "{{ input }}"))
    entry = {"path": "movies", "type": "axolotl_explain.instruct"}
    recipe = {"explain": {"level": LEVEL, "template": template}, "datasets": [entry]}
    install_settings(recipe)
    rows_of_ours = Dataset.from_list([one.to_row() for one in examples])
    rows_of_alpaca = Dataset.from_dict(alpaca)
    return {
        "alpaca": _wrapped(
            {"path": "movies", "type": "alpaca"}, tokenizer, rows_of_alpaca
        ),
        "axolotl_explain.instruct": _wrapped(entry, tokenizer, rows_of_ours),
        "nothing but ids": _ids_alone(tokenizer, examples, prompter, targets),
        "tokenizer": lambda: [
            tokenizer(texts[start : start + BATCH]) for start in range(0, rows, BATCH)
        ],
    }


def _ids_alone(
    tokenizer: Any, examples: list[Example], prompter: Any, targets: list[str]
) -> Callable[[], object]:
    written = Dataset.from_dict(
        {
            "prompt": [
                next(prompter.build_prompt(one.instruction, one.input))
                for one in examples
            ],
            "target": targets,
        }
    )

    def ids(batch: dict[str, list[str]]) -> dict[str, Any]:
        encode = tokenizer.backend_tokenizer.encode_batch_fast
        return {
            name: [one.ids for one in encode(batch[name], add_special_tokens=False)]
            for name in written.column_names
        }

    return lambda: written.map(
        ids,
        batched=True,
        batch_size=BATCH,
        num_proc=get_default_process_count(),
        load_from_cache_file=False,
        new_fingerprint=f"{time.time_ns():x}",
    )


def _wrapped(
    entry: dict[str, Any], tokenizer: Any, rows: Dataset
) -> Callable[[], object]:
    cfg = DictDefault(sequence_len=2048, dataset_num_proc=get_default_process_count())
    config = DictDefault(entry)
    kind = entry["type"]

    def wrap() -> object:
        # A fresh fingerprint, so that no round finds the result of the one before.
        fresh = rows.select(range(len(rows))).with_format(None)
        fresh._fingerprint = f"{time.time_ns():x}"
        return get_dataset_wrapper(config, tokenizer, cfg, kind, fresh)

    return wrap
