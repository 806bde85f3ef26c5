"""Greedy completions of prompts, in batches of similar length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Generated:
    """The ids a model wrote behind a prompt, without the end token.

    Attributes:
        truncated: whether it ran out of tokens before it ended.
    """

    ids: list[int]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Decoding:
    """How completions are generated; always greedily.

    Attributes:
        stop_ids: a completion ends in front of the first of these.
        max_new_tokens: it has at most this many tokens.
        batch_size: prompts that are completed at once.
    """

    stop_ids: Sequence[int]
    max_new_tokens: int
    batch_size: int


def generate(
    model: Any,
    prompts: Sequence[list[int]],
    decoding: Decoding,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Generated]:
    """Complete every prompt; results in the order of the prompts.

    Prompts are sorted by length, so that a batch holds little padding, and padded on
    the left, so that every completion starts at once.

    Args:
        progress: called after each batch with the number of prompts it completed.
    """
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    results: dict[int, Generated] = {}
    for start in range(0, len(order), decoding.batch_size):
        chosen = order[start : start + decoding.batch_size]
        completed = _complete(model, [prompts[index] for index in chosen], decoding)
        results.update(zip(chosen, completed, strict=True))
        progress(len(chosen))
    return [results[index] for index in range(len(prompts))]


def _complete(
    model: Any, batch: Sequence[list[int]], decoding: Decoding
) -> Iterator[Generated]:
    width = max(len(ids) for ids in batch)
    filler = decoding.stop_ids[0]
    input_ids = [[filler] * (width - len(ids)) + ids for ids in batch]
    mask = [[0] * (width - len(ids)) + [1] * len(ids) for ids in batch]
    with torch.inference_mode():
        output = model.generate(
            input_ids=torch.tensor(input_ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            max_new_tokens=decoding.max_new_tokens,
            do_sample=False,
            num_beams=1,
            eos_token_id=list(decoding.stop_ids),
            pad_token_id=filler,
        )
    stops = set(decoding.stop_ids)
    for ids in output[:, width:].tolist():
        end = next((at for at, token in enumerate(ids) if token in stops), None)
        yield Generated(ids if end is None else ids[:end], truncated=end is None)
