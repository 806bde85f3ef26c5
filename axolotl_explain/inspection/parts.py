"""Ids and labels of a training row -> its tokens, each with text, part and label.

What the loss reads is the label's and nothing else's, or the weight's where a recipe
has weights. Parts are the kinds that the strategy gave its tokens, in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from axolotl_explain.core.target import Kind
from axolotl_explain.inspection.loss import Weight
from axolotl_explain.inspection.token_texts import pieces
from axolotl_explain.tokens.encoder import IGNORE_INDEX

Part = Literal["prompt", "explanation", "marker", "answer", "end", "other"]
PARTS: dict[Part, str] = {
    "prompt": "what the model is given",
    "explanation": "the text that leads to the answer",
    "marker": "answer marker, reasoning tags and breaks around them",
    "answer": "the value that is compared",
    "end": "where the model stops",
    "other": "not attributed to any part",
}
"""All parts in the order of a row, each in words."""

PART_OF: dict[Kind, Part] = {
    Kind.PROMPT: "prompt",
    Kind.EXPLANATION: "explanation",
    Kind.MARKER: "marker",
    Kind.ANSWER: "answer",
    Kind.END: "end",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a training row.

    Attributes:
        text: what it adds to the text; empty where a later token completes a character.
        special: whether it is a token of the tokenizer's own, such as an end.
        weight: in the loss; None where the recipe has no weights.
    """

    id: int
    label: int
    text: str
    part: Part
    special: bool
    weight: Weight | None = None

    @property
    def trained(self) -> bool:
        """Whether the loss reads it."""
        if self.weight is not None:
            return self.weight.counts
        return self.label != IGNORE_INDEX


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many tokens a part has, and how many of them the loss reads."""

    part: Part
    num_tokens: int
    num_trained: int


def tokens_of(
    tokenizer: Any,
    ids: Sequence[int],
    labels: Sequence[int],
    kinds: Sequence[Kind] | None,
    weights: Sequence[Weight] | None = None,
) -> list[Token]:
    """The tokens of one row.

    A source and a target that stands by itself are given as one run: the ids of both,
    and labels of which those of the source are all masked.

    Args:
        ids, labels: as prepared, unshifted, equally long.
        kinds: of the last tokens of a row of ours, all before them being the prompt;
            None elsewhere.
        weights: of each token, where the recipe has weights.
    """
    if kinds is None:
        parts = _foreign(tokenizer, ids, labels)
    else:
        prompt = [Kind.PROMPT] * (len(ids) - len(kinds))
        parts = [PART_OF[kind] for kind in (*prompt, *kinds)]
    special = special_ids(tokenizer)
    texts = pieces(tokenizer, ids)
    known: Sequence[Weight | None] = weights or [None] * len(ids)
    return [
        Token(id, label, text, part, id in special, weight)
        for id, label, text, part, weight in zip(
            ids, labels, texts, parts, known, strict=True
        )
    ]


def weights_begin(tokens: Sequence[Token]) -> list[bool]:
    """For each token, whether its weight stands before it: it differs from the last."""
    before: list[Weight | None] = [None, *(token.weight for token in tokens)]
    return [
        token.weight is not None and token.weight != last
        for token, last in zip(tokens, before[:-1], strict=True)
    ]


def _foreign(tokenizer: Any, ids: Sequence[int], labels: Sequence[int]) -> list[Part]:
    """The parts of a row of another type: all before the first label is its prompt."""
    trained = (at for at, label in enumerate(labels) if label != IGNORE_INDEX)
    cut = next(trained, 0)
    parts: list[Part] = ["prompt" if at < cut else "other" for at in range(len(ids))]
    if parts and parts[-1] == "other" and ids[-1] == tokenizer.eos_token_id:
        parts[-1] = "end"
    return parts


def special_ids(tokenizer: Any) -> set[int]:
    """Ids that stand for no text of a user: special ones and those added."""
    added = getattr(tokenizer, "added_tokens_decoder", None)
    # mistral_common's wrapper has a method of that name, which only raises.
    own = added if isinstance(added, Mapping) else ()
    return {*tokenizer.all_special_ids, *own}


def count_parts(tokens: Sequence[Token]) -> list[PartCount]:
    """Tokens per part, in the order of a row; only parts that have some."""
    all_tokens = Counter(token.part for token in tokens)
    trained = Counter(token.part for token in tokens if token.trained)
    return [
        PartCount(part, all_tokens[part], trained[part])
        for part in PARTS
        if all_tokens[part]
    ]
