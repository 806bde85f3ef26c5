"""Segments -> input_ids, attention_mask and labels, in batches.

A prompt is always encoded on its own, so that its ids in training are those that
generation is given. IGNORE_INDEX is the one place for -100, the label that the loss
skips; labels are unshifted, the model shifts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.target import Kind, Segment, text_of
from axolotl_explain.core.thoughts import CHANNEL, CHANNEL_TOKENS
from axolotl_explain.tokens.kinds import DecodedOffsets, FastOffsets, Kinds, kinds_of

IGNORE_INDEX = -100
ANCHOR = "\n"


@dataclass(frozen=True, slots=True)
class Encoded:
    """A run of tokens: ids and the kind of each, equally long."""

    ids: list[int]
    kinds: Kinds

    @classmethod
    def uniform(cls, ids: list[int], kind: Kind) -> Encoded:
        """All tokens of the same kind."""
        return cls(ids, np.full(len(ids), kind, np.int8))

    def __add__(self, other: Encoded) -> Encoded:
        return Encoded(self.ids + other.ids, np.concatenate([self.kinds, other.kinds]))


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

    @property
    def frame(self) -> tuple[str, str]:
        """The special tokens put before and behind a prompt, as text; mostly empty."""
        (bare,) = self._encode(["a"], False)
        (whole,) = self._encode(["a"], self.special_tokens)
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        before = whole[0] == begin and bare[0] != begin
        behind = whole[-1] == end and bare[-1] != end
        names = self.tokenizer.bos_token, self.tokenizer.eos_token
        return (names[0] if before else ""), (names[1] if behind else "")

    def read(self, completion: str) -> str:
        """A decoded completion in the words that targets are written in."""
        return completion

    def num_tokens(self, text: str) -> int:
        """How many tokens a text has, special ones aside."""
        return len(self._encode([text], False)[0])

    def targets(self, targets: Sequence[Sequence[Segment]]) -> list[Encoded]:
        """Ids and kinds of targets, without an end token.

        The whole target is one text to the tokenizer, whatever its segments.
        """
        if not getattr(self.tokenizer, "is_fast", False):
            return [self._by_decoding(target) for target in targets]
        texts = [text_of(target) for target in targets]
        width, lead = len(self.anchor), ANCHOR if self.anchor else ""
        encoded = self._backend.encode_batch(
            [lead + text for text in texts], add_special_tokens=False
        )
        return [
            self._of(target, one, len(lead), width)
            if one.ids[:width] == self.anchor
            else self._of(target, self._backend.encode(text, add_special_tokens=False))
            for target, text, one in zip(targets, texts, encoded, strict=True)
        ]

    def target_sizes(self, targets: Sequence[Sequence[Segment]]) -> list[int]:
        """How many tokens `targets` gives each, which is found in half the time."""
        texts = [text_of(target) for target in targets]
        if not self.anchor:
            return [len(ids) for ids in self._encode(texts, False)]
        width = len(self.anchor)
        anchored = self._encode([ANCHOR + text for text in texts], False)
        return [
            len(ids) - width
            if ids[:width] == self.anchor
            else len(self._encode([text], False)[0])
            for text, ids in zip(texts, anchored, strict=True)
        ]

    def _of(
        self, target: Sequence[Segment], encoding: Any, lead: int = 0, skip: int = 0
    ) -> Encoded:
        ids = encoding.ids[skip:]
        offsets = FastOffsets(encoding, lead, skip)
        return Encoded(ids, kinds_of(target, len(ids), offsets))

    def _by_decoding(self, target: Sequence[Segment]) -> Encoded:
        ids = self._continuation(text_of(target))
        offsets = DecodedOffsets(self.tokenizer, ids)
        return Encoded(ids, kinds_of(target, len(ids), offsets))

    @property
    def _backend(self) -> Any:
        """The tokenizer below a fast one, which neither cuts nor pads here."""
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        return backend

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
        encoded = self._backend.encode_batch_fast(
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

    def _continuation(self, text: str) -> list[int]:
        width = len(self.anchor)
        anchored, alone = self._encode([ANCHOR + text, text], False)
        behind = width > 0 and anchored[:width] == self.anchor
        return anchored[width:] if behind else alone


def decoded(tokenizer: Any, ids: Sequence[int]) -> str:
    """What ids say, without special tokens and with every space that they hold.

    A tokenizer may be set to join `do n't` and ` ,` when it decodes. Tokens that part
    thoughts from the answer stay.
    """
    cleans = getattr(tokenizer, "clean_up_tokenization_spaces", False)
    keys = {"clean_up_tokenization_spaces": False} if cleans else {}
    special = special_tokens(tokenizer)
    if CHANNEL not in special.values():
        return str(tokenizer.decode(list(ids), skip_special_tokens=True, **keys))
    kept = [one for one in ids if special.get(one, CHANNEL) in CHANNEL_TOKENS]
    return str(tokenizer.decode(kept, skip_special_tokens=False, **keys))


def special_tokens(tokenizer: Any) -> dict[int, str]:
    """Id -> token of those that a decoder can leave out: all that are marked as such.

    `all_special_ids` has only those that have a role, such as the end.
    """
    added = getattr(tokenizer, "added_tokens_decoder", None)
    # mistral_common's wrapper has a method of that name, which only raises.
    if not isinstance(added, Mapping):
        return {}
    return {id: token.content for id, token in added.items() if token.special}


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
