"""Decoding: what goes into an engine that completes prompts, and comes out.

Engines are `transformers_engine.generate_batches` and `vllm_engine.vllm_batches`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from axolotl_explain.core.draws import number
from axolotl_explain.evaluation.batching import BatchLimits


@dataclass(frozen=True, slots=True)
class Generated:
    """The ids a model wrote behind a prompt, without the end token.

    Attributes:
        truncated: whether it ran out of tokens before it ended.
    """

    ids: list[int]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn, where a completion is not greedy.

    Attributes:
        seed: of draws that are the same in every run with the same batches.
    """

    temperature: float = 0.7
    top_p: float = 1.0
    seed: int = 0

    def seed_of(self, place: int) -> int:
        """The seed of the completion, or of the batch, that begins at a place."""
        return number(self.seed, "sampling", str(place)) % 2**31


@dataclass(frozen=True, slots=True)
class Decoding:
    """How completions are generated; greedily unless they are sampled.

    Attributes:
        stop_ids: a completion ends in front of the first of these.
        max_new_tokens: it has at most this many tokens.
        limits: of the prompts that are completed at once.
        on_token: called with each token of a prompt that is completed alone, the end
            included, by an engine that can.
        ended: (place of a prompt, ids behind it so far) -> whether that is enough;
            asked by an engine that can stop in between.
    """

    stop_ids: Sequence[int]
    max_new_tokens: int
    limits: BatchLimits = field(default_factory=BatchLimits)
    sampling: Sampling | None = None
    on_token: Callable[[int], None] | None = None
    ended: Callable[[int, Sequence[int]], bool] | None = None

    def cut(self, ids: Sequence[int]) -> Generated:
        """What counts of the ids that follow a prompt."""
        stops = set(self.stop_ids)
        end = next((at for at, token in enumerate(ids) if token in stops), None)
        return Generated(list(ids[:end]), truncated=end is None)


GeneratedBatch = list[tuple[int, Generated]]
"""The place of each prompt, and what was written behind it."""


class Engine(Protocol):
    """What completes prompts, batch by batch."""

    def __call__(
        self,
        model: Any,
        prompts: Sequence[list[int]],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[GeneratedBatch]:
        """Yield what each batch gave; batches all of whose places are done are left
        out, and the others stay as they are."""
