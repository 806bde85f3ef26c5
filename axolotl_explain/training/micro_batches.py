"""How much more a token of a short target counts than one of a long target.

Axolotl 0.19 takes the mean loss of each micro-batch, and the mean of those over an
optimizer step. So a token weighs 1 / n, where n is how many tokens of its micro-batch
the loss reads. What that makes of the rows of a recipe is worked out here, from their
lengths alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from datasets import Dataset

from axolotl_explain.tokens.encoder import IGNORE_INDEX

Numbers = np.ndarray[Any, Any]
UNLIKE = 2.0
"""How many times more from which on it is worth a warning."""
DRAWN = 20_000
"""Rows that are cut into micro-batches, at least: those of a small dataset are drawn
several times, in another order each time."""


class RowTokens(NamedTuple):
    """Tokens of training rows, each (rows).

    Attributes:
        length: of the whole row.
        read: of them, how many the loss reads.
    """

    length: Numbers
    read: Numbers


@dataclass(frozen=True, slots=True)
class Unlike:
    """Two groups of rows whose tokens count differently.

    Attributes:
        short, long: mean tokens of a target, of the shortest and of the longest tenth.
        times: how often a token of the first counts as much as one of the second.
    """

    short: float
    long: float
    times: float

    @property
    def matters(self) -> bool:
        """Whether it is worth a warning."""
        return self.times > UNLIKE

    def sentence(self, how: str) -> str:
        """What is wrong, and the way out.

        Args:
            how: key and value of the recipe by which a step has several micro-batches.
        """
        times = f"{self.times:.1f}" if self.times < 10 else f"{self.times:,.0f}"
        return (
            f"{how}: Axolotl 0.19 averages micro-batches, not tokens; a token of the "
            f"shortest tenth of targets ({self.short:,.0f} tokens on average) counts "
            f"{times} times one of the longest tenth ({self.long:,.0f}); explain.loss: "
            "{} counts each token once"
        )


def warning_of(cfg: Any, trainer: Any) -> str:
    """What is to be said of a training that is about to begin; "" if nothing.

    Args:
        trainer: Axolotl's own, with its prepared rows.
    """
    how = several_micro_batches(cfg, trainer.args.world_size)
    rows = trainer.train_dataset
    if not how or not isinstance(rows, Dataset) or "labels" not in rows.column_names:
        return ""
    if len(rows) > DRAWN:
        chosen = np.random.default_rng(0).choice(len(rows), DRAWN, replace=False)
        rows = rows.select(np.sort(chosen))
    found = unlike_targets(cfg, tokens_of(rows))
    return found.sentence(how) if found is not None and found.matters else ""


def tokens_of(dataset: Dataset) -> RowTokens:
    """The tokens of prepared rows, with `labels` and maybe `input_ids`."""
    lengths, read = [], []
    columns = [one for one in ("input_ids", "labels") if one in dataset.column_names]
    arrow = dataset.select_columns(columns).with_format("arrow")
    for table in arrow.iter(1_000):
        labels = table.column("labels").combine_chunks()
        ends = np.cumsum(labels.value_lengths().to_numpy())
        counted = np.cumsum(labels.flatten().to_numpy() != IGNORE_INDEX)
        upto = np.concatenate([[0], counted])[ends]
        read.append(np.diff(upto, prepend=0))
        rows = table.column(columns[0]).combine_chunks()
        lengths.append(rows.value_lengths().to_numpy())
    if not read:
        return RowTokens(np.zeros(0, int), np.zeros(0, int))
    return RowTokens(np.concatenate(lengths), np.concatenate(read))


def several_micro_batches(cfg: Any, processes: int = 1) -> str:
    """The key and value by which a step has several micro-batches; "" if it has one.

    Args:
        processes: of this training, where they are known.
    """
    accumulated = cfg.gradient_accumulation_steps or (
        int(cfg.batch_size or 1) // int(cfg.micro_batch_size or 1)
    )
    if accumulated > 1:
        return f"gradient_accumulation_steps: {accumulated}"
    if processes > 1:
        return f"num_processes: {processes}"
    for key in ("ray_num_workers", "dp_shard_size", "dp_replicate_size"):
        asked = cfg[key] or 1
        if asked > 1 and (cfg.use_ray or key != "ray_num_workers"):
            return f"{key}: {asked}"
    for key in ("deepspeed", "fsdp_config", "ddp"):
        if cfg[key]:
            return f"{key}: several devices"
    return ""


def unlike_targets(cfg: Any, rows: RowTokens) -> Unlike | None:
    """The two groups; None where there are not two rows to compare.

    Args:
        cfg: Axolotl's config, which says how rows are cut into micro-batches.
    """
    trained = rows.read > 0
    rows = RowTokens(rows.length[trained], rows.read[trained])
    if len(rows.read) < 2:
        return None
    weight = token_weights(rows.read, micro_batches(cfg, rows))
    drawn = np.flatnonzero(weight)
    if not len(drawn):
        return None
    order = drawn[np.argsort(rows.read[drawn], kind="stable")]
    tenth = math.ceil(len(order) / 10)
    short, long = order[:tenth], order[-tenth:]

    def of_a_token(group: Numbers) -> float:
        return float(np.average(weight[group], weights=rows.read[group]))

    return Unlike(
        float(rows.read[short].mean()),
        float(rows.read[long].mean()),
        of_a_token(short) / of_a_token(long),
    )


def token_weights(read: Numbers, batches: Iterable[Sequence[int]]) -> Numbers:
    """The mean of 1 / n for the tokens of each row (rows); 0 for a row in no batch.

    >>> token_weights(np.array([4, 40, 6]), [[0], [0, 2], [1]])
    array([0.175, 0.025, 0.1  ])
    """
    total, times = np.zeros(len(read)), np.zeros(len(read))
    for batch in batches:
        rows = np.asarray(batch)
        np.add.at(total, rows, 1.0 / read[rows].sum())
        np.add.at(times, rows, 1.0)
    mean: Numbers = total / np.maximum(times, 1.0)
    return mean


def micro_batches(cfg: Any, rows: RowTokens) -> Iterable[Sequence[int]]:
    """Micro-batches as training draws them: numbers of the rows of each."""
    size, count = int(cfg.micro_batch_size or 1), len(rows.read)
    if cfg.sample_packing:
        order = np.random.default_rng(0).permutation(count).tolist()
        for packed in packed_batches(cfg, rows.length, order):
            yield [row for pack in packed for row in pack]
        return
    if size == 1:
        yield from ([row] for row in range(count))
        return
    draw = np.random.default_rng(0)
    for _ in range(math.ceil(DRAWN / count)):
        order = draw.permutation(count)
        for start in range(0, max(count - size, 0) + 1, size):
            yield order[start : start + size].tolist()


def packed_batches(
    cfg: Any, lengths: Sequence[int] | Numbers, order: Sequence[int]
) -> list[list[list[int]]]:
    """The micro-batches of `sample_packing`: numbers of the rows of each of its packs.

    Args:
        lengths: tokens of each row.
        order: numbers of the rows, as they are drawn.
    """
    from axolotl.utils.samplers import MultipackBatchSampler
    from torch.utils.data import SequentialSampler

    batch, length = int(cfg.micro_batch_size or 1), int(cfg.sequence_len)
    if cfg.attn_supports_packing and not cfg.multipack_real_batches:
        batch, length = 1, batch * length
    sequential = cfg.sample_packing_sequentially
    sampler = MultipackBatchSampler(
        sampler=SequentialSampler(lengths) if sequential else order,
        lengths=np.asarray(lengths),
        batch_size=batch,
        batch_max_len=length,
        group_size=cfg.sample_packing_group_size,
        bin_size=cfg.sample_packing_bin_size,
        sequential=sequential,
        drop_last=True,
        num_processes=1,
    )
    found: list[list[list[int]]] = sampler.generate_batches()
    return found
