"""Where generation ends, kept in the generation config that is saved with a model.

A chat template may end a turn in a token that is not the tokenizer's end of sequence
(chatml on a base model). Engines stop at the ids of generation_config.json.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from transformers import GenerationConfig, TrainerCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.training.strategy import ExplainStrategy

FILE = "generation_config.json"


def trained_ends(cfg: Any, tokenizer: Any) -> list[int]:
    """The ids that the datasets of a recipe end a target with, without repeats."""
    from axolotl.prompt_strategies import load

    found: dict[int, None] = {}
    for entry in cfg.datasets or []:
        if entry["type"] in TYPES:
            strategy = load(entry["type"], tokenizer, cfg, entry)
            assert isinstance(strategy, ExplainStrategy)
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


def keep_ends_in_merges() -> None:
    """Have Axolotl's merge by shards take the generation config of the adapter.

    It copies that of the base model. Idempotent.
    """
    from axolotl.cli import merge_lora

    merge: Callable[..., Any] = merge_lora.merge_lora_sharded_efficient
    if getattr(merge, "keeps_ends", False):
        return

    @wraps(merge)
    def merged(*args: Any, **keys: Any) -> Any:
        result = merge(*args, **keys)
        copy_ends(keys)
        return result

    merged.keeps_ends = True  # type: ignore[attr-defined]
    merge_lora.merge_lora_sharded_efficient = merged


def copy_ends(keys: Mapping[str, Any]) -> None:
    """From the folder of an adapter into that of the merged model."""
    own = Path(keys["lora_adapter_path"]) / FILE
    if own.is_file():
        shutil.copy2(own, Path(keys["output_path"]) / FILE)
