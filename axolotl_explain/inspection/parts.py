"""Ids and labels of a training row -> its tokens, each with text, part and label.

What the loss reads is the label's and nothing else's; parts are found in the decoded
ids, so neither can differ from what is trained on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.inspection.frames import PARTS, Frame, Part, Span
from axolotl_explain.inspection.pieces import pieces
from axolotl_explain.tokens.encoder import IGNORE_INDEX


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a training row.

    Attributes:
        text: what it adds to the text; empty where a later token completes a character.
        special: whether it is a token of the tokenizer's own, such as an end.
    """

    id: int
    label: int
    text: str
    part: Part
    special: bool

    @property
    def trained(self) -> bool:
        """Whether the loss reads it."""
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
    num_prompt_tokens: int | None,
    frames: Sequence[Frame],
) -> list[Token]:
    """The tokens of one row.

    A source and a target that stands by itself are given as one run: the ids of both,
    and labels of which those of the source are all masked.

    Args:
        ids, labels: as prepared, unshifted, equally long.
        num_prompt_tokens: of a row of ours; None elsewhere, where all that stands
            before the first trained token is taken for the prompt.
        frames: those of the row's strategy; empty elsewhere.
    """
    texts = pieces(tokenizer, ids)
    cut = num_prompt_tokens
    if cut is None:
        trained = (at for at, label in enumerate(labels) if label != IGNORE_INDEX)
        cut = next(trained, 0)
    parts: list[Part] = ["prompt"] * cut
    parts += _target_parts(texts[cut:], frames)
    special = special_ids(tokenizer)
    if parts and parts[-1] == "other" and ids[-1] == tokenizer.eos_token_id:
        parts[-1] = "end"
    return [
        Token(id, label, text, part, id in special)
        for id, label, text, part in zip(ids, labels, texts, parts, strict=True)
    ]


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


def _target_parts(texts: Sequence[str], frames: Sequence[Frame]) -> list[Part]:
    target = "".join(texts)
    matches = (frame.match(target) for frame in frames)
    spans = next((found for found in matches if found), None)
    if spans is None:
        return ["other"] * len(texts)
    parts: list[Part] = []
    place = 0
    for text in texts:
        # A token that begins with white space belongs to the word behind it.
        ahead = len(text) - len(text.lstrip())
        at = place + (ahead if ahead < len(text) else 0)
        parts.append(_part_at(spans, min(at, len(target) - 1)))
        place += len(text)
    return parts


def _part_at(spans: Sequence[Span], at: int) -> Part:
    return next(span.part for span in spans if span.start <= at < span.end)
