"""Rows of a dataset -> tokenised training rows; what all three strategies share.

Axolotl hands a `DatasetWrappingStrategy` the whole dataset. That gives what a strategy
for single prompts cannot have: row numbers for errors, one row in and several or none
out, and exact counts over all worker processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from axolotl.prompt_tokenizers import DatasetWrappingStrategy
from datasets import Dataset, IterableDataset

from axolotl_explain.batches import BatchEncoder, Tally, count_and_clean
from axolotl_explain.errors import install_excepthook
from axolotl_explain.files import delimiter
from axolotl_explain.fit import Fitter
from axolotl_explain.formatter import Formatter
from axolotl_explain.rows import read_delimited
from axolotl_explain.settings import CARRIER, DatasetSettings, from_entry

MakeFormatter = Callable[[Any, DatasetSettings], Formatter]


class ExplainStrategy(DatasetWrappingStrategy):  # type: ignore[misc]
    """Wraps one dataset entry of a recipe.

    Attributes:
        formatter: how a row becomes ids; evaluation takes its prompts from here.
    """

    def __init__(
        self, settings: DatasetSettings, entry: Mapping[str, Any], fitter: Fitter
    ) -> None:
        self.settings = settings
        self.entry = entry
        self.fitter = fitter
        self.formatter = fitter.formatter

    @classmethod
    def for_entry(
        cls, make: MakeFormatter, tokenizer: Any, cfg: Any, entry: Mapping[str, Any]
    ) -> ExplainStrategy:
        """Build the strategy from what Axolotl passes to `load`.

        Raises:
            ExplainError: if the plugin did not register.
        """
        install_excepthook()
        settings = from_entry(entry)
        length = cfg.sequence_len
        if settings.split == "test":
            length = cfg.eval_sequence_len or length
        fitter = Fitter(
            formatter=make(tokenizer, settings),
            sequence_len=length,
            shorten=settings.options.on_too_long == "shorten",
            prompt_weight=1.0 if cfg.train_on_inputs else 0.0,
        )
        return cls(settings, entry, fitter)

    @property
    def name(self) -> str:
        """What messages call the dataset; where a part of it is read, which part."""
        return entry_name(self.entry)

    def wrap_dataset(
        self,
        dataset: Dataset | IterableDataset,
        process_count: int | None = None,
        keep_in_memory: bool | None = False,
        **_: Any,
    ) -> Dataset | IterableDataset:
        """Tokenise every row; drop, count and report what cannot be trained on.

        Raises:
            ExplainError: naming file, row and field, for a row that cannot be read; or
                if no row is left.
        """
        dataset = self._reread(dataset)
        encoder = BatchEncoder(self.name, self.settings.options, self.fitter)
        if isinstance(dataset, IterableDataset):
            return self._stream(dataset, encoder)
        encoded = dataset.map(
            encoder.to_table,
            batched=True,
            batch_size=1_000,
            with_indices=True,
            num_proc=process_count if len(dataset) >= 1_000 else None,
            remove_columns=dataset.column_names,
            keep_in_memory=bool(keep_in_memory),
            load_from_cache_file=False,
            new_fingerprint=self._fingerprint(dataset),
            desc="Tokenizing explanations",
        )
        return count_and_clean(encoded, self.name, len(dataset))

    def _stream(
        self, dataset: IterableDataset, encoder: BatchEncoder
    ) -> IterableDataset:
        columns = dataset.column_names or list(next(iter(dataset)))
        return dataset.map(
            Tally(encoder, self.name),
            batched=True,
            batch_size=1_000,
            with_indices=True,
            remove_columns=columns,
        )

    def _reread(self, dataset: Dataset | IterableDataset) -> Dataset | IterableDataset:
        """CSV and TSV as texts: type inference would turn 007 into 7, and None away."""
        separator = delimiter(self.entry)
        if separator is None:
            return dataset
        return read_delimited(
            str(self.entry.get("path")),
            separator,
            split=self.entry.get("split") or "train",
            streaming=isinstance(dataset, IterableDataset),
        )

    def _fingerprint(self, dataset: Dataset) -> str:
        parts = (
            dataset._fingerprint,
            self.entry.get(CARRIER),
            self.fitter.sequence_len,
            self.fitter.prompt_weight,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def entry_name(entry: Mapping[str, Any]) -> str:
    """What messages call a dataset; where a part of it is read, which part."""
    files = entry.get("data_files")
    parts = [str(files[0] if isinstance(files, list) and files else entry.get("path"))]
    split = str(entry.get("split") or "")
    if "[" in split:
        parts.append(split)
    if entry.get("shards"):
        parts.append(f"shard {entry.get('shards_idx') or 0}")
    return ", ".join(parts)
