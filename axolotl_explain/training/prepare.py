"""The data of a recipe as Axolotl prepares it, and the datasets it is merged from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axolotl_explain.core.errors import ExplainError


def prepare_data(cfg: Any, tokenizer: Any) -> tuple[Any, Any]:
    """The training and the test rows as Axolotl hands them to its trainer, unpacked.

    Raises:
        ExplainError: for rows that cannot be used, or if Axolotl refuses the data.
    """
    from axolotl.loaders import load_processor
    from axolotl.utils.data import prepare_datasets
    from datasets.exceptions import DatasetsError

    try:
        processor = load_processor(cfg, tokenizer) if cfg.processor_type else None
        with _only_preparing():
            train, test, *_ = prepare_datasets(cfg, tokenizer, processor)
    except ExplainError:
        raise
    except (OSError, ValueError, DatasetsError) as error:
        raise ExplainError(f"Axolotl refuses the data: {error}") from None
    return train, test


def prepare_entry(cfg: Any, tokenizer: Any, entry: Any, split: str) -> Any:
    """The rows of one dataset entry as Axolotl has them before datasets are merged."""
    from axolotl.utils.data.sft import _load_and_process_single_dataset

    dataset, _ = _load_and_process_single_dataset(
        entry, cfg, tokenizer, split, cfg.seed
    )
    return dataset


def expanded(entries: Any) -> list[tuple[int, Any]]:
    """The dataset entries that Axolotl makes of those in a recipe, with their places.

    An entry that has several names, or that is prepared in shards, becomes several.
    """
    from axolotl.utils.data.shared import datasets_with_name_generator

    return [
        (place, one)
        for place, entry in enumerate(entries or [])
        for one in datasets_with_name_generator([entry])
    ]


@contextmanager
def _only_preparing() -> Iterator[None]:
    """As `axolotl preprocess` does it, and without caches that outlive the process."""
    from datasets import disable_caching, enable_caching, is_caching_enabled

    key = "AXOLOTL_IS_PREPROCESS"
    before, caching = os.environ.get(key), is_caching_enabled()
    os.environ[key] = "1"
    disable_caching()
    try:
        yield
    finally:
        if before is None:
            del os.environ[key]
        else:
            os.environ[key] = before
        if caching:
            enable_caching()
