"""Completions that a model goes on with: their beginning is given."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import torch

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.batching import BatchLimits
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.evaluation.transformers_engine import padded
from axolotl_explain.tokens.encoder import decoded
from axolotl_explain.tokens.formatter import Formatter


def complete_begun(
    evaluator: Evaluator,
    rows: Sequence[TrainingRow],
    budget: int,
    limits: BatchLimits,
) -> list[str]:
    """What the model makes of each row's explanation, which is a beginning alone.

    Args:
        budget: how many tokens it may add.

    Returns:
        The whole completions, the beginning in front.
    """
    formatter, tokenizer = evaluator.strategy.formatter, evaluator.tokenizer
    encoded = formatter.encode(rows)
    begun = [
        beginning_ids(formatter, tokenizer, target.ids, row.explanation)
        for (_, target), row in zip(encoded, rows, strict=True)
    ]
    prompts = [prompt for prompt, _ in encoded]
    decoding = Decoding(evaluator.ends or formatter.stop_ids, budget, limits)
    if getattr(getattr(evaluator.model, "config", None), "is_encoder_decoder", False):
        found = _by_decoder(evaluator.model, prompts, begun, decoding)
    else:
        joined = [one + two for one, two in zip(prompts, begun, strict=True)]
        found = [[] for _ in joined]
        for batch in evaluator.engine(evaluator.model, joined, decoding):
            for place, generated in batch:
                found[place] = generated.ids
    return [
        formatter.read(decoded(tokenizer, before + behind))
        for before, behind in zip(begun, found, strict=True)
    ]


def beginning_ids(
    formatter: Formatter, tokenizer: Any, target: Sequence[int], beginning: str
) -> list[int]:
    """The ids of a target up to the end of the explanation that it begins with.

    Args:
        target: of a row whose whole explanation is `beginning`.

    Raises:
        ExplainError: if the ids do not say it, so that nobody can tell where it ends.
    """

    def says(count: int) -> bool:
        return beginning in formatter.read(decoded(tokenizer, target[:count]))

    low, high = 0, len(target)
    if not says(high):
        raise ExplainError(
            f"--corrupt: the tokenizer writes {quoted(beginning)} otherwise than it "
            "stands in the data, so that it cannot be given as a beginning."
        )
    while low < high:
        middle = (low + high) // 2
        if says(middle):
            high = middle
        else:
            low = middle + 1
    return list(target[:low])


def _by_decoder(
    model: Any,
    prompts: Sequence[list[int]],
    begun: Sequence[list[int]],
    decoding: Decoding,
) -> list[list[int]]:
    """By an encoder–decoder: beginnings of one length at a time, without padding."""
    found: list[list[int]] = [[] for _ in prompts]
    filler = decoding.stop_ids[0]
    first = model.generation_config.decoder_start_token_id
    first = model.config.decoder_start_token_id if first is None else first
    order = sorted(range(len(prompts)), key=lambda at: len(begun[at]))
    for length, same in groupby(order, key=lambda at: len(begun[at])):
        places = list(same)
        size = decoding.limits.size
        for start in range(0, len(places), size):
            chosen = places[start : start + size]
            ids, mask = padded([prompts[at] for at in chosen], filler, left=False)
            starts = torch.tensor([[first, *begun[at]] for at in chosen])
            with torch.inference_mode():
                output = model.generate(
                    input_ids=ids.to(model.device),
                    attention_mask=mask.to(model.device),
                    decoder_input_ids=starts.to(model.device),
                    max_new_tokens=decoding.max_new_tokens,
                    do_sample=False,
                    num_beams=1,
                    repetition_penalty=1.0,
                    eos_token_id=list(decoding.stop_ids),
                    pad_token_id=filler,
                )
            for at, written in zip(
                chosen, output[:, length + 1 :].tolist(), strict=True
            ):
                found[at] = decoding.cut(written).ids
    return found
