"""Completions by transformers, in batches of similar length."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers.generation.stopping_criteria import (
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.generation.streamers import BaseStreamer

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.batching import plan_batches
from axolotl_explain.evaluation.decoding import (
    Decoding,
    Generated,
    GeneratedBatch,
    Sampling,
)

PlacedPrompt = tuple[int, list[int]]
"""The place of a prompt, and its ids."""

LOG = logging.getLogger("axolotl.explain")


def generate_batches(
    model: Any,
    prompts: Sequence[list[int]],
    decoding: Decoding,
    done: Collection[int] = (),
) -> Iterator[GeneratedBatch]:
    """Complete prompts, padded on the left (those of an encoder on the right).

    Where a batch does not fit into the memory of the device, it is halved, and so are
    all that follow; this is logged once.

    Args:
        done: places of prompts that need not be completed. A batch is run again as a
            whole unless all of it is done, because what stands beside a prompt may
            decide a near tie.

    Raises:
        ExplainError: if not even one prompt fits into memory.
    """
    finished = set(done)
    lengths = [len(ids) for ids in prompts]
    completer = _Completer(model, decoding, most=max(1, len(prompts)))
    for planned in plan_batches(lengths, decoding.max_new_tokens, decoding.limits):
        if not finished.issuperset(planned):
            if decoding.sampling is not None:
                torch.manual_seed(decoding.sampling.seed_of(planned[0]))
            completed = completer.run([(at, prompts[at]) for at in planned])
            yield list(zip(planned, completed, strict=True))


@dataclass(slots=True)
class _Completer:
    """Completes batches, in parts where the device has no room for the whole.

    Attributes:
        most: prompts that are tried at once; halved when they do not fit.
    """

    model: Any
    decoding: Decoding
    most: int
    halved: bool = False

    def run(self, batch: Sequence[PlacedPrompt]) -> list[Generated]:
        results: list[Generated] = []
        while len(results) < len(batch):
            chosen = batch[len(results) : len(results) + self.most]
            completed = self._tried(chosen)
            if completed is None:
                self._halve(chosen)
            else:
                results += completed
        return results

    def _tried(self, chosen: Sequence[PlacedPrompt]) -> list[Generated] | None:
        try:
            return _complete(self.model, chosen, self.decoding)
        except torch.OutOfMemoryError:
            pass
        # Outside of the handler, whose traceback holds on to what was allocated.
        torch.cuda.empty_cache()
        return None

    def _halve(self, chosen: Sequence[PlacedPrompt]) -> None:
        if len(chosen) == 1:
            raise ExplainError(
                f"a prompt of {len(chosen[0][1])} tokens and "
                f"{self.decoding.max_new_tokens} behind it do not fit into the memory "
                "of the device; lower --max-new-tokens, or load the model in 4 bit."
            )
        if not self.halved:
            LOG.warning(
                "%d prompts at once do not fit into the memory of the device; going "
                "on with half as many (a smaller --batch-tokens saves the attempt).",
                len(chosen),
            )
        self.halved = True
        self.most = len(chosen) // 2


def _complete(
    model: Any, batch: Sequence[PlacedPrompt], decoding: Decoding
) -> list[Generated]:
    encoder = model.config.is_encoder_decoder
    filler = decoding.stop_ids[0]
    places, prompts = zip(*batch, strict=True)
    input_ids, mask = padded(prompts, filler, left=not encoder)
    # A decoder of its own begins with one token that is not the model's.
    start = 1 if encoder else input_ids.shape[1]
    with torch.inference_mode():
        output = model.generate(
            input_ids=input_ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=decoding.max_new_tokens,
            **_drawn(decoding.sampling),
            num_beams=1,
            # A model's own generation config may ask for one, which is not greedy.
            repetition_penalty=1.0,
            eos_token_id=list(decoding.stop_ids),
            pad_token_id=filler,
            streamer=_Told(decoding.on_token) if decoding.on_token else None,
            stopping_criteria=_stopped(decoding, places, start),
        )
    return [decoding.cut(ids) for ids in output[:, start:].tolist()]


def _stopped(
    decoding: Decoding, places: Sequence[int], start: int
) -> StoppingCriteriaList | None:
    """What ends a completion before its end token, where anything does."""
    if decoding.ended is None:
        return None
    return StoppingCriteriaList([_Ended(decoding.ended, places, start)])


class _Ended(StoppingCriteria):  # type: ignore[misc]
    """Ends each completion of a batch for itself."""

    def __init__(
        self,
        ended: Callable[[int, Sequence[int]], bool],
        places: Sequence[int],
        start: int,
    ) -> None:
        self.ended = ended
        self.places = places
        self.start = start
        self.over: set[int] = set()

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        written = input_ids[:, self.start :].tolist()
        for at, place in enumerate(self.places):
            if at not in self.over and self.ended(place, written[at]):
                self.over.add(at)
        over = [at in self.over for at in range(len(self.places))]
        return torch.tensor(over, device=input_ids.device)


def _drawn(sampling: Sampling | None) -> dict[str, Any]:
    """What `generate` is told of drawing tokens."""
    if sampling is None:
        return {"do_sample": False}
    return {
        "do_sample": True,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": 0,
    }


class _Told(BaseStreamer):  # type: ignore[misc]
    """Hands on the tokens of one completion, but not those of its prompt."""

    def __init__(self, on_token: Callable[[int], None]) -> None:
        self.on_token = on_token
        self.prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        if self.prompt_seen:
            for token in value.flatten().tolist():
                self.on_token(token)
        self.prompt_seen = True

    def end(self) -> None:
        """Nothing is held back."""


def padded(
    batch: Sequence[list[int]], filler: int, left: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of prompts, padded on the side that no completion continues."""
    width = max(len(ids) for ids in batch)
    gaps = [[filler] * (width - len(ids)) for ids in batch]
    rows = zip(batch, gaps, strict=True)
    input_ids = [gap + ids if left else ids + gap for ids, gap in rows]
    places = torch.arange(width).flip(0) if left else torch.arange(width)
    lengths = torch.tensor([[len(ids)] for ids in batch])
    return torch.tensor(input_ids), (places < lengths).long()
