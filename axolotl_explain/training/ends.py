"""Where generation ends, kept in the generation config that is saved with a model.

A chat template may end a turn in a token that is not the tokenizer's end of sequence
(chatml on a base model). Engines stop at the ids of generation_config.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from transformers import GenerationConfig, TrainerCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from axolotl_explain.training.strategy import ExplainStrategy

FILE = "generation_config.json"


def trained_ends(strategies: Iterable[ExplainStrategy]) -> list[int]:
    """The ids that datasets end a target with, without repeats."""
    found: dict[int, None] = {}
    for strategy in strategies:
        found |= dict.fromkeys(strategy.formatter.stop_ids)
    return list(found)


def stop_at(model: Any, ids: Sequence[int]) -> None:
    """Have a model's generation config end at these ids, and where it ended before."""
    config = getattr(model, "generation_config", None)
    if config is not None and ids:
        config.eos_token_id = list(dict.fromkeys([*ids, *as_ids(config.eos_token_id)]))


def as_ids(value: object) -> list[int]:
    """An `eos_token_id`, which may be one, several or none."""
    found = value if isinstance(value, list | tuple) else [value]
    return [one for one in found if isinstance(one, int)]


def saved_ends(folder: Path) -> list[int]:
    """The ids at which engines stop a model or adapter; empty where none are named."""
    for name in (FILE, "config.json"):
        if (folder / name).is_file():
            found = json.loads((folder / name).read_text("utf-8"))
            return as_ids(found.get("eos_token_id"))
    return []


class SaveEnds(TrainerCallback):  # type: ignore[misc]
    """Writes the generation config beside each adapter, which is saved without one."""

    def __init__(self, config: GenerationConfig) -> None:
        self.config = config

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = f"{args.output_dir}/{PREFIX_CHECKPOINT_DIR}-{state.global_step}"
        if state.is_world_process_zero and Path(folder).is_dir():
            self.config.save_pretrained(folder)


def save_ends(cfg: Any, model: Any) -> None:
    """Write the generation config beside the adapter that training leaves."""
    config = getattr(model, "generation_config", None)
    if cfg.adapter and config is not None and (cfg.local_rank or 0) == 0:
        config.save_pretrained(cfg.output_dir)


def load_ends(cfg: Any, model: Any) -> None:
    """Have a model with an adapter end where the adapter's folder says."""
    folder = Path(cfg.lora_model_dir or "")
    if cfg.lora_model_dir and (folder / FILE).is_file():
        stop_at(model, saved_ends(folder))
