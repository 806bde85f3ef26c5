"""Rows of a dataset -> tokenised training rows; what all three strategies share.

Axolotl hands a `DatasetWrappingStrategy` the whole dataset. That gives what a strategy
for single prompts cannot have: row numbers for errors, one row in and several or none
out, and exact counts over all worker processes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any

from axolotl.prompt_tokenizers import DatasetWrappingStrategy
from axolotl.utils.logging import get_logger
from datasets import Dataset, IterableDataset

from axolotl_explain.core.errors import install_excepthook
from axolotl_explain.core.raw_row import ROW
from axolotl_explain.recipe.carrier import CARRIER, DatasetSettings, from_entry
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.recipe.prepared_from import note_digests
from axolotl_explain.recipe.streaming import STREAMED
from axolotl_explain.sources.reader import make_reader
from axolotl_explain.sources.unread import unread_explanations
from axolotl_explain.targets.derive import Deriver, NumTokens
from axolotl_explain.targets.planner import Planner
from axolotl_explain.targets.survey import survey, without_survey
from axolotl_explain.tokens.encoder import Encoder
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.tokens.formatter import Formatter
from axolotl_explain.tokens.join import Continuation, Join
from axolotl_explain.training.batches import BatchEncoder, Tally
from axolotl_explain.training.row_counts import count_and_clean
from axolotl_explain.training.staged_formatter import StagedFormatter

LOG = get_logger("axolotl.explain")
MakeFormatter = Callable[[Any, DatasetSettings], Formatter]
MakeJoin = Callable[[Any, DatasetSettings, int], Join]


Watcher = Callable[["ExplainStrategy", Dataset], None]
WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
"""Called with every dataset that is wrapped, while its columns of bookkeeping are still
there; None where nobody looks."""

Reviewer = Callable[["ExplainStrategy", Dataset, Planner], None]
REVIEWER: ContextVar[Reviewer | None] = ContextVar("reviewer", default=None)
"""Called with the rows of every dataset that could be encoded; None where nobody
looks at them."""


def continuation(cfg: Any, settings: DatasetSettings, sequence_len: int) -> Join:
    """The target behind its prompt, for models with a decoder alone."""
    return Continuation(sequence_len, bool(cfg.train_on_inputs))


class ExplainStrategy(DatasetWrappingStrategy):  # type: ignore[misc]
    """Wraps one dataset entry of a recipe.

    Attributes:
        formatter: how a row becomes ids; evaluation takes its prompts from here. At a
            stage of internalisation, the fitter has one that takes explanations away.
        num_tokens: of a text, by the tokenizer of the recipe.
    """

    def __init__(
        self,
        settings: DatasetSettings,
        entry: Mapping[str, Any],
        fitter: Fitter,
        num_tokens: NumTokens,
        recipe: Mapping[str, Any],
    ) -> None:
        self.settings = settings
        self.recipe = recipe
        self.entry = entry
        self._planner = make_planner(entry_name(entry), settings.options)
        self._looks_at_dataset = settings.options.looks_at_dataset
        self.fitter = fitter
        staged = fitter.formatter
        self.formatter = staged.whole if isinstance(staged, StagedFormatter) else staged
        self.num_tokens = num_tokens

    @classmethod
    def for_entry(
        cls,
        make: MakeFormatter,
        tokenizer: Any,
        cfg: Any,
        entry: Mapping[str, Any],
        make_join: MakeJoin = continuation,
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
        formatter = make(tokenizer, settings)
        if settings.cut is not None:
            draws = settings.split == "train"
            formatter = StagedFormatter(formatter, settings.cut, draws)
        fitter = Fitter(
            formatter=formatter,
            join=make_join(cfg, settings, length),
            shorten=settings.options.on_too_long == "shorten",
        )
        num_tokens = Encoder(tokenizer, special_tokens=False).num_tokens
        return cls(settings, entry, fitter, num_tokens, cfg)

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
        self._log_notices()
        if isinstance(dataset, IterableDataset):
            return self._stream(dataset)
        if self.entry.get("path") == STREAMED["jsonl"]:
            dataset = dataset.rename_column("text", ROW)
        encoder = self.encoder(dataset, process_count)
        encoded = self._each(
            dataset,
            encoder.to_table,
            "Tokenizing explanations",
            process_count,
            bool(keep_in_memory),
        )
        watcher = WATCHER.get()
        if watcher is not None:
            watcher(self, encoded)
        cleaned = count_and_clean(encoded, self.name, len(dataset), self.settings)
        reviewer = REVIEWER.get()
        if reviewer is not None:
            reviewer(self, dataset, encoder.planner)
        if not self.recipe.get("skip_prepare_dataset"):
            note_digests(self.recipe, self.entry, self.settings.files)
        return cleaned

    def _log_notices(self) -> None:
        """Say what `check` says of the prompts, once for all data of the recipe."""
        if self.settings.cut is not None:
            LOG.info(f"{self.name}: internalising: {self.settings.cut.in_words}")
        for one in self.formatter.notices() if self.settings.split == "train" else ():
            if one.way_out:
                LOG.warning(f"{self.name}: {one.message}; {one.way_out}")

    def encoder(
        self, dataset: Dataset, process_count: int | None = None
    ) -> BatchEncoder:
        """What encodes the rows of a dataset, after a look at all of them if needed."""

        def each(function: Callable[..., Any], what: str) -> Dataset:
            return self._each(dataset, function, what, process_count, True)

        planner = self._planner
        if self._looks_at_dataset:
            planner = survey(dataset, planner, self.num_tokens, each, LOG.info)
        return BatchEncoder(planner, self.fitter, self.settings.held_out)

    @property
    def derive(self) -> Deriver | None:
        """Makes the levels of single examples; None where that takes all of them."""
        if self.settings.options.needs_whole_dataset == "derive_levels.by":
            return None
        return without_survey(self._planner, self.num_tokens).derive

    def _each(
        self,
        dataset: Dataset,
        function: Callable[..., Any],
        what: str,
        process_count: int | None,
        keep_in_memory: bool,
    ) -> Dataset:
        """What a function of batches and their indices makes of a dataset."""
        return dataset.map(
            function,
            batched=True,
            batch_size=1_000,
            with_indices=True,
            num_proc=process_count if len(dataset) >= 1_000 else None,
            remove_columns=dataset.column_names,
            keep_in_memory=keep_in_memory,
            load_from_cache_file=False,
            new_fingerprint=self._fingerprint(dataset, what),
            desc=what,
        )

    def _stream(self, dataset: IterableDataset) -> IterableDataset:
        columns = dataset.column_names or list(next(iter(dataset)))
        planner = without_survey(self._planner, self.num_tokens)
        return dataset.map(
            Tally(
                BatchEncoder(planner, self.fitter),
                self.settings.options.on_too_long == "error",
                self.settings.keeps_kinds,
            ),
            batched=True,
            batch_size=1_000,
            with_indices=True,
            remove_columns=columns,
        )

    def _fingerprint(self, dataset: Dataset, what: str) -> str:
        parts = (
            what,
            dataset._fingerprint,
            self.entry.get(CARRIER),
            self.fitter.join,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def make_planner(name: str, options: ExplainOptions) -> Planner:
    """The planner of a dataset, before a look at all of its rows.

    Args:
        name: what messages call the dataset.
    """
    read = make_reader(options, options.seed)
    unread = partial(unread_explanations, options=options)
    return Planner(name, options, read, options.skips_bad_rows, unread=unread)


def entry_name(entry: Mapping[str, Any]) -> str:
    """What messages call a dataset; where a part of it is read, which part."""
    files = entry.get("data_files")
    files = [files] if isinstance(files, str) else files
    parts = [str(files[0] if isinstance(files, list) and files else entry.get("path"))]
    split = str(entry.get("split") or "")
    if "[" in split:
        parts.append(split)
    if entry.get("shards"):
        parts.append(f"shard {entry.get('shards_idx') or 0}")
    return ", ".join(parts)
