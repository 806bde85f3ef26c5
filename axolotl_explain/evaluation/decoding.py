"""Greedy decoding: what goes into an engine that completes prompts, and comes out.

Engines are `transformers_engine.generate_batches` and `vllm_engine.vllm_batches`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

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
class Decoding:
    """How completions are generated; always greedily.

    Attributes:
        stop_ids: a completion ends in front of the first of these.
        max_new_tokens: it has at most this many tokens.
        limits: of the prompts that are completed at once.
    """

    stop_ids: Sequence[int]
    max_new_tokens: int
    limits: BatchLimits = field(default_factory=BatchLimits)

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
