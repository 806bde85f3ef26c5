"""A recipe -> the rows that Axolotl would train on, and what they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.inspection.digests import Digested, digested
from axolotl_explain.inspection.loss import Loss, loss_of
from axolotl_explain.inspection.row_origins import (
    Origin,
    Source,
    Watched,
    index_of,
    is_apart,
    watching,
)
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.tokens.encoder import IGNORE_INDEX
from axolotl_explain.training.load import load_data_config, load_tokenizer
from axolotl_explain.training.prepare import expanded, prepare_data, prepare_entry

Split = Literal["train", "test"]
OTHER_TRAINING = ("rl", "reward_model", "process_reward_model", "pretraining_dataset")
"""Keys of kinds of training whose rows have other columns, or no labels."""

MIN_SAMPLE_LEN = 2
"""Axolotl's own where a recipe does not set it."""


@dataclass(frozen=True)
class Data:
    """The rows of one split as training gets them, before any packing.

    Attributes:
        dataset: a `datasets.Dataset` with input_ids and labels.
        apart: whether ids are a source and labels a target by itself.
        other: the digests of the other split, where both are cut from one.
        loss: the weights of `explain.loss`; None without the block.
    """

    cfg: Any
    tokenizer: Any
    split: Split
    dataset: Any
    contents: Digested
    sources: list[Source]
    apart: bool = False
    other: list[bytes] = field(default_factory=list)
    loss: Loss | None = None

    @cached_property
    def index(self) -> dict[bytes, list[Origin]]:
        """Digest -> rows of files."""
        return index_of(self.sources)

    def origins(self, place: int) -> list[Origin]:
        """All rows of files that became the ids and labels of a prepared row."""
        return self.index.get(self.contents.digests[place], [])

    @cached_property
    def num_read(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """How many tokens of each prepared row the loss reads."""
        if self.loss is None:
            return self.contents.num_trained
        return self.loss.num_read(self.dataset)

    @property
    def sequence_len(self) -> int:
        """What a row may have in tokens, or its source where the target is apart."""
        own = self.cfg.eval_sequence_len if self.split == "test" else None
        return int(own or self.cfg.sequence_len)


def read_data(recipe: Mapping[str, Any], split: Split, folder: str) -> Data:
    """Prepare the data of a recipe as training would.

    Args:
        folder: a temporary one, for what Axolotl writes.

    Raises:
        ExplainError: for a recipe, tokenizer or row that cannot be read or used.
    """
    if recipe.get("streaming"):
        # All rows at once would be allowed what a stream is refused.
        load_data_config({**recipe}, folder)
    cfg = load_data_config({**recipe, "streaming": None}, folder)
    _refuse_other_training(cfg)
    if split == "train":
        cfg.test_datasets = None
    tokenizer = load_tokenizer(cfg)
    with watching() as seen:
        train, test = prepare_data(cfg, tokenizer)
    if split == "test" and test is None:
        raise ExplainError(
            "--split test: the recipe has neither test_datasets nor val_set_size, so "
            "nothing is held out."
        )
    apart = any(is_apart(one.strategy) for one in seen)
    of_test = split == "test" and bool(cfg.test_datasets)
    sources = _sources(cfg, tokenizer, seen, "test" if of_test else "train")
    chosen, rest = (test, train) if split == "test" else (train, test)
    cut = rest is not None and not of_test
    other = digested(rest, apart).digests if cut else []
    contents = digested(chosen, apart)
    loss = loss_of(recipe, train, not apart, bool(cfg.train_on_inputs))
    return Data(cfg, tokenizer, split, chosen, contents, sources, apart, other, loss)


def removed(data: Data) -> dict[str, int]:
    """Why rows that a strategy gave are not in the prepared data -> how many.

    Axolotl removes them after the datasets are merged.
    """
    left = Counter(data.contents.digests) + Counter(data.other)
    reasons: Counter[str] = Counter()
    for source in data.sources:
        contents = source.contents
        for digest, size, trained in zip(*contents, strict=True):
            if left[digest]:
                left[digest] -= 1
                continue
            reasons[_reason(data.cfg, data.sequence_len, int(size), int(trained))] += 1
    return dict(reasons)


def all_masked(data: Data) -> int:
    """How many rows have nothing that the loss reads."""
    return int((data.num_read == 0).sum())


def ids_and_labels(data: Data, place: int) -> tuple[list[int], list[int]]:
    """Of a prepared row."""
    row = data.dataset[place]
    return [int(one) for one in row["input_ids"]], [int(one) for one in row["labels"]]


def _reason(cfg: Any, sequence_len: int, size: int, trained: int) -> str:
    if size > sequence_len:
        if cfg.excess_length_strategy == "truncate":
            return "cut to sequence_len (excess_length_strategy: truncate)"
        return "dropped by Axolotl: longer than sequence_len"
    if size < (cfg.min_sample_len or MIN_SAMPLE_LEN):
        return "dropped by Axolotl: shorter than min_sample_len"
    if not trained and cfg.sample_packing:
        return f"dropped by Axolotl: every label is {IGNORE_INDEX}"
    if cfg.dataset_exact_deduplication:
        return "dropped by Axolotl: the same as another row"
    return "left out by Axolotl (dataset_shard_num or a filter of its own)"


def _sources(
    cfg: Any, tokenizer: Any, seen: list[Watched], split: Split
) -> list[Source]:
    """The datasets of a split; those of Axolotl's types are prepared once more."""
    ours: Iterator[Watched] = (
        one for one in seen if one.strategy.settings.split == split
    )
    found = []
    for place, entry in expanded(
        cfg.datasets if split == "train" else cfg.test_datasets
    ):
        kind, path = str(entry["type"]), str(entry["path"])
        if entry["type"] in TYPES:
            watched = next(ours)
            name, contents = watched.strategy.name, watched.contents
            found.append(Source(place + 1, name, kind, contents, watched))
        else:
            contents = digested(prepare_entry(cfg, tokenizer, entry, split), False)
            found.append(Source(place + 1, path, kind, contents, None))
    return found


def _refuse_other_training(cfg: Any) -> None:
    for key in OTHER_TRAINING:
        if cfg[key]:
            raise ExplainError(
                f"{key}: inspect shows rows with ids and labels, which this kind of "
                "training has not; it reads recipes that fine-tune on datasets:."
            )
