"""A place to try recipes: rows and a recipe in a folder, read by Axolotl's loaders."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from axolotl.cli.config import load_cfg
from axolotl.loaders.tokenizer import load_tokenizer
from axolotl.prompt_strategies import load as load_strategy
from axolotl.utils.data.sft import prepare_datasets
from axolotl.utils.data.shared import load_dataset_with_config

from axolotl_explain import Example, ExplainError, Level
from axolotl_explain.formatter import TrainingRow

ROOT = Path(__file__).parents[2]
GENRES = ROOT / "examples" / "movie_genres" / "train.jsonl"
PLUGIN = "axolotl_explain.ExplainPlugin"
CPU = {
    "bf16": False,
    "fp16": False,
    "tf32": False,
    "lora_mlp_kernel": False,
    "lora_qkv_kernel": False,
    "lora_o_kernel": False,
    "lora_embedding_kernel": False,
}
MARKER = "Final answer: "


def sum_row(index: int, **changes: Any) -> dict[str, Any]:
    """A row with all three explanations, told apart from every other by its number."""
    left, right = 3 * index + 1, 2 * index + 5
    return {
        "id": f"sum-{index}",
        "instruction": "Add the two numbers.",
        "input": f"{left} {right}",
        "answer": str(left + right),
        "explanations": {
            "short": f"{left} + {right}.",
            "medium": f"{left} plus {right} makes {left + right}.",
            "long": f"Start at {left}. Go up by {right}. That is {left + right}.",
        },
        **changes,
    }


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows, one a line; return the path as a recipe names it."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), "utf-8")
    return str(path)


@contextmanager
def kept_log(lines: list[str]) -> Iterator[None]:
    """What this package logs meanwhile, one `LEVEL message` a line."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.levelname} {record.getMessage()}")

    logger, handler = logging.getLogger("axolotl.explain"), Keep()
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)


@dataclass
class Prepared:
    """What Axolotl is about to train on."""

    cfg: Any
    tokenizer: Any
    train: Any
    evaluation: Any

    @property
    def rows(self) -> list[tuple[list[int], list[int]]]:
        """(input_ids, labels) of each training row, in order."""
        return ids_and_labels(self.train)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """(prompt, trained text) of each training row, special tokens written out."""
        return [split_text(self.tokenizer, *row) for row in self.rows]


def ids_and_labels(dataset: Iterable[Mapping[str, Any]]) -> list[Any]:
    return [(list(row["input_ids"]), list(row["labels"])) for row in dataset]


def split_text(tokenizer: Any, ids: list[int], labels: list[int]) -> tuple[str, str]:
    """A training row as text, cut where its labels begin."""
    start = next(at for at, label in enumerate(labels) if label != -100)
    assert labels[start:] == ids[start:]
    return tokenizer.decode(ids[:start]), tokenizer.decode(ids[start:])


@dataclass
class Bench:
    """Recipes in one folder, on a tiny random model."""

    folder: Path
    base_model: Path
    defaults: dict[str, Any] = field(default_factory=dict)

    def rows(self, rows: Iterable[Mapping[str, Any]], name: str = "rows.jsonl") -> str:
        return write_jsonl(self.folder / name, rows)

    def recipe(self, **changes: Any) -> dict[str, Any]:
        """A complete recipe; a key whose value is None is left out."""
        recipe = {
            "base_model": str(self.base_model),
            "plugins": [PLUGIN],
            "output_dir": str(self.folder / "out"),
            "dataset_prepared_path": str(self.folder / "prepared"),
            "sequence_len": 256,
            "micro_batch_size": 2,
            "gradient_accumulation_steps": 1,
            "num_epochs": 1,
            "optimizer": "adamw_torch",
            "learning_rate": 0.001,
            "dataset_num_proc": 1,
            "seed": 42,
            "shuffle_merged_datasets": False,
            **CPU,
            **self.defaults,
            **changes,
        }
        return {key: value for key, value in recipe.items() if value is not None}

    def write(self, name: str = "recipe.yml", **changes: Any) -> Path:
        path = self.folder / name
        path.write_text(yaml.safe_dump(self.recipe(**changes)), "utf-8")
        return path

    def cfg(self, **changes: Any) -> Any:
        """The recipe as Axolotl's command line reads and validates it."""
        return load_cfg(str(self.write(**changes)))

    def strategy(self, tokenizer: Any = None, **changes: Any) -> Any:
        """What Axolotl's lookup gives for the first dataset of the recipe."""
        cfg = self.cfg(**changes)
        entry = cfg.datasets[0]
        return load_strategy(entry.type, tokenizer or load_tokenizer(cfg), cfg, entry)

    def wrap(self, tokenizer: Any = None, **changes: Any) -> Prepared:
        """The first dataset of the recipe as its strategy hands it to Axolotl."""
        cfg = self.cfg(**changes)
        tokenizer = tokenizer or load_tokenizer(cfg)
        entry = cfg.datasets[0]
        rows = load_dataset_with_config(entry, False)
        strategy = load_strategy(entry.type, tokenizer, cfg, entry)
        train = strategy.wrap_dataset(rows, process_count=cfg.dataset_num_proc)
        return Prepared(cfg, tokenizer, train, None)

    def prepare(self, tokenizer: Any = None, **changes: Any) -> Prepared:
        """The datasets as training gets them."""
        cfg = self.cfg(**changes)
        tokenizer = tokenizer or load_tokenizer(cfg)
        train, evaluation, *_ = prepare_datasets(cfg, tokenizer)
        return Prepared(cfg, tokenizer, train, evaluation)


def entry(path: str, kind: str = "instruct", **keys: Any) -> dict[str, Any]:
    """A `datasets:` entry of ours."""
    return {"path": path, "ds_type": "json", "type": f"axolotl_explain.{kind}", **keys}


def refusal(act: Callable[..., object], *args: Any, **keys: Any) -> str:
    """The message of the one `ExplainError` that a call ends in."""
    with pytest.raises(ExplainError) as caught:
        act(*args, **keys)
    return str(caught.value)


def training_row(row: Mapping[str, Any], level: Level = "long") -> TrainingRow:
    """A row as formatters take it."""
    return TrainingRow.of(Example.from_row(row), level)


def encoded_text(strategy: Any, row: Mapping[str, Any], level: Level) -> list[str]:
    """Prompt and target of one row as text."""
    formatter = strategy.formatter
    ((prompt, target),) = formatter.encode([training_row(row, level)])
    decode = formatter.encoder.tokenizer.decode
    return [decode(ids) for ids in (prompt, target.ids)]
