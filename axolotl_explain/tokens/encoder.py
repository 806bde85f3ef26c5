"""Segments -> input_ids, attention_mask and labels, in batches.

A prompt is always encoded on its own, so that its ids in training are those that
generation is given. IGNORE_INDEX is the one place for -100, the label that the loss
skips; labels are unshifted, the model shifts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.target import Segment

Weights = np.ndarray[tuple[int], np.dtype[np.float32]]
IGNORE_INDEX = -100
ANCHOR = "\n"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A run of tokens: ids and the weight of each in the loss, equally long."""

    ids: list[int]
    weights: Weights

    @classmethod
    def uniform(cls, ids: list[int], weight: float) -> Encoded:
        """All tokens with the same weight."""
        return cls(ids, np.full(len(ids), weight, np.float32))

    def __add__(self, other: Encoded) -> Encoded:
        return Encoded(
            self.ids + other.ids, np.concatenate([self.weights, other.weights])
        )


class Encoder:
    """Encodes prompts and targets with one tokenizer.

    Args:
        tokenizer: a transformers tokenizer, or Axolotl's wrapper of mistral_common.
        special_tokens: whether a prompt gets the tokenizer's own special tokens, such
            as a beginning of sequence; False where a chat template has written them.
    """

    def __init__(self, tokenizer: Any, special_tokens: bool) -> None:
        self.tokenizer = tokenizer
        self.special_tokens = special_tokens
        self.anchor = self._find_anchor()

    def prompts(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of prompts, without the end-of-sequence token some tokenizers add."""
        rows = self._encode(texts, self.special_tokens)
        end = self.tokenizer.eos_token_id
        if self.special_tokens:
            for ids in rows:
                while ids and ids[-1] == end:
                    ids.pop()
        return rows

    def num_tokens(self, text: str) -> int:
        """How many tokens a text has, special ones aside."""
        return len(self._encode([text], False)[0])

    def targets(self, targets: Sequence[Sequence[Segment]]) -> list[Encoded]:
        """Ids and weights of targets, without an end token.

        The whole target is one text to the tokenizer; where its segments differ in
        weight, a token takes the weight of the character it begins with.
        """
        texts = ["".join(segment.text for segment in target) for target in targets]
        rows = self._continuations(texts)
        encoded = []
        for target, text, ids in zip(targets, texts, rows, strict=True):
            weights = {segment.weight for segment in target}
            if len(weights) == 1:
                encoded.append(Encoded.uniform(ids, weights.pop()))
            else:
                encoded.append(self._weighted(target, text))
        return encoded

    def _encode(self, texts: Sequence[str], special_tokens: bool) -> list[list[int]]:
        if not texts:
            return []
        if not getattr(self.tokenizer, "is_fast", False):
            rows: list[list[int]] = self.tokenizer(
                list(texts), add_special_tokens=special_tokens
            )["input_ids"]
            return rows
        # What the call above does, without the masks and offsets that it goes on to
        # build for every row and that take as long as the ids.
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        encoded = backend.encode_batch_fast(
            list(texts), add_special_tokens=special_tokens
        )
        return [one.ids for one in encoded]

    def _find_anchor(self) -> list[int]:
        """The ids of ANCHOR, where a text alone would get a space it does not have.

        Tokenizers of the sentencepiece kind put a space before a text. A target
        continues a prompt, so it is encoded behind an anchor, which is then cut off.
        """
        alone, anchored, anchor = self._encode(["a", f"{ANCHOR}a", ANCHOR], False)
        if anchored[: len(anchor)] == anchor and anchored[len(anchor) :] != alone:
            return anchor
        return []

    def _continuations(self, texts: Sequence[str]) -> list[list[int]]:
        if not self.anchor:
            return self._encode(texts, False)
        width = len(self.anchor)
        rows = self._encode([ANCHOR + text for text in texts], False)
        return [
            ids[width:]
            if ids[:width] == self.anchor
            else self._encode([text], False)[0]
            for text, ids in zip(texts, rows, strict=True)
        ]

    def _weighted(self, target: Sequence[Segment], text: str) -> Encoded:
        """A target whose segments differ in weight, one tokenizer call for the row."""
        if not getattr(self.tokenizer, "is_fast", False):
            parts = self._continuations([segment.text for segment in target])
            runs = [
                Encoded.uniform(ids, segment.weight)
                for segment, ids in zip(target, parts, strict=True)
            ]
            return sum(runs[1:], start=runs[0])
        lead = ANCHOR if self.anchor else ""
        found = self.tokenizer(
            lead + text, add_special_tokens=False, return_offsets_mapping=True
        )
        skip = len(self.anchor)
        at = [segment.weight for segment in target for _ in segment.text]
        weights = [
            at[min(max(begin - len(lead), 0), len(at) - 1)]
            for begin, _ in found["offset_mapping"][skip:]
        ]
        return Encoded(found["input_ids"][skip:], np.array(weights, np.float32))


def end_token(tokenizer: Any) -> int:
    """The id of the end-of-sequence token.

    Raises:
        ExplainError: if the tokenizer has none, since a model that never sees an end
            never stops.
    """
    token = tokenizer.eos_token_id
    if token is None:
        raise ExplainError(
            "the tokenizer has no end-of-sequence token; name one in the recipe: "
            "special_tokens: {eos_token: …}."
        )
    return int(token)


def flat(
    runs: Sequence[Sequence[int]],
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Offsets (runs + 1) and the ids of all runs, end to end, as int32."""
    sizes = [len(run) for run in runs]
    ids = np.fromiter(chain.from_iterable(runs), np.int32, sum(sizes))
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32), ids
