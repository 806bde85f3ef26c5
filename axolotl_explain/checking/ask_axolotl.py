"""Answers that only Axolotl has: validation, tokenizer, rows, what is prepared."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axolotl_explain.checking.finding import Finding, split_place
from axolotl_explain.core.errors import ExplainError, Faults, UnreadKeys
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.not_held_out import not_held_out
from axolotl_explain.sources.tables import readable
from axolotl_explain.training.local_rows import local_dataset
from axolotl_explain.training.strategy import ExplainStrategy
from axolotl_explain.training.validate import (
    VALIDATION_ERRORS,
    Machine,
    validated_config,
)


def has_gpu() -> bool:
    """Whether this machine has a GPU that torch can use."""
    import torch

    return bool(torch.cuda.is_available())


PACKED_TOGETHER = "`sample_packing` with"
"""How Axolotl's warning begins of which `loss_checks` makes a finding."""


def validate(recipe: Mapping[str, Any], machine: Machine) -> tuple[Any, list[Finding]]:
    """Axolotl's config of a recipe, and findings on what it refuses or warns of.

    Returns:
        The config, None where the recipe is refused.
    """
    from pydantic import ValidationError

    with _warnings() as warnings:
        try:
            cfg = validated_config(recipe, machine)
        except UnreadKeys as error:
            refusals = [split_place(one, "recipe") for one in error.refusals]
            return None, [Finding("key-unread", *one) for one in refusals]
        except ExplainError as error:
            faults = error.messages if isinstance(error, Faults) else [str(error)]
            found = [split_place(one, "explain") for one in faults]
            return None, [Finding("explain-block", *one) for one in found]
        except ValidationError as error:
            return None, [_refusal(detail) for detail in error.errors()]
        except VALIDATION_ERRORS as error:
            return None, [Finding("axolotl-refuses", "recipe", str(error))]
    cfg.tokenizer_config = cfg.tokenizer_config or cfg.base_model
    # That rows are trained on too is found by the rows themselves.
    own = set(not_held_out(recipe))
    lines = [
        line
        for line in warnings
        if line not in own and not line.startswith(PACKED_TOGETHER)
    ]
    return cfg, [Finding("axolotl-warns", "recipe", line) for line in lines]


def _refusal(detail: Any) -> Finding:
    path = ".".join(str(part) for part in detail["loc"]) or "recipe"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return Finding("axolotl-refuses", path, message)


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Axolotl's warnings in this block, each once, collected instead of printed."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if message not in lines:
                lines.append(message)

    logger, handler = logging.getLogger("axolotl"), Keep(logging.WARNING)
    propagated = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


def read_entry(entry: Any, seed: int) -> Any:
    """The rows of a dataset entry, read as training reads them.

    Args:
        seed: of the recipe, by which Axolotl shuffles before it takes a shard.

    Raises:
        ExplainError: if they cannot be read.
    """
    from axolotl.utils.data.shared import load_dataset_with_config

    rows = local_dataset(entry)
    if rows is None:
        with readable(str(entry["path"])):
            rows = _of_split(load_dataset_with_config(entry, False), entry)
    shards = entry.get("shards")
    if not shards:
        return rows
    return rows.shuffle(seed=seed).shard(shards, entry.get("shards_idx") or 0)


def _of_split(rows: Any, entry: Any) -> Any:
    """The rows of a hub dataset that has several splits, chosen as Axolotl does."""
    if not isinstance(rows, dict):
        return rows
    for split in (str(entry.get("split")), from_entry(entry).split):
        if split in rows:
            return rows[split]
    wanted = entry.get("split") or from_entry(entry).split
    raise ValueError(f"no split {wanted}, it has {', '.join(rows)}")


def is_prepared(cfg: Any, entries: Any, tokenizer: Any) -> bool:
    """Whether training would find the rows of these entries prepared already."""
    from axolotl.utils.data.shared import (
        generate_dataset_hash_from_config,
        get_prepared_dataset_path,
    )

    name = tokenizer.name_or_path
    key = generate_dataset_hash_from_config(cfg, entries, name)
    folder = get_prepared_dataset_path(cfg, key)
    return not cfg.skip_prepare_dataset and any(folder.glob("*"))


def special_tokens(tokenizer: Any) -> set[str]:
    """Texts that the tokenizer reads as one token wherever they stand."""
    return {*tokenizer.all_special_tokens, *tokenizer.get_added_vocab()}


def entry_strategy(cfg: Any, tokenizer: Any, entry: Any) -> ExplainStrategy:
    """The strategy of one dataset entry of ours."""
    from axolotl.prompt_strategies import load

    # Its chat strategy warns of an end token that ours finds in the template itself.
    with _warnings():
        strategy = load(entry["type"], tokenizer, cfg, entry)
    assert isinstance(strategy, ExplainStrategy)
    return strategy


def context_length(cfg: Any) -> Iterator[Finding]:
    """A sequence_len beyond the positions of the model, unless they are extended."""
    from axolotl.loaders.utils import load_model_config

    if cfg.rope_scaling or cfg.overrides_of_model_config:
        return
    positions = getattr(load_model_config(cfg), "max_position_embeddings", None)
    if positions and cfg.sequence_len > positions:
        message = f"{cfg.sequence_len:,} against {positions:,}"
        yield Finding("sequence-len-over-context", "sequence_len", message)


@contextmanager
def offline() -> Iterator[None]:
    """No hub is asked in this block; what is in the cache is found."""
    import datasets
    import huggingface_hub

    places = [(huggingface_hub.constants, "HF_HUB_OFFLINE")]
    places.append((datasets.config, "HF_HUB_OFFLINE"))
    before = [getattr(module, name) for module, name in places]
    try:
        for module, name in places:
            setattr(module, name, True)
        yield
    finally:
        for (module, name), value in zip(places, before, strict=True):
            setattr(module, name, value)


def is_here(name: object) -> bool:
    """Whether a model or dataset is a file or folder of this machine."""
    return Path(str(name)).exists()
