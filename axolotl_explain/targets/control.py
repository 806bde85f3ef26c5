"""Control arms: explanations that say as much and explain nothing.

A claim that explanations help needs, beside the answer alone, an arm whose explanations
have the same words, numbers and length without the meaning: with their steps or words
in a random order, or taken from another row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from axolotl_explain.core.draws import number
from axolotl_explain.core.sentences import split_sentences

Control = Literal["shuffle_steps", "shuffle_tokens", "mismatched"]
TOKEN = re.compile(r"(\S+)(\s*)")


def shuffle_steps(explanation: str, seed: int, identity: str) -> str:
    """Sentences or lines in another order, unless all are the same.

    White space keeps its place, so that lines stay lines.

    >>> shuffle_steps("One. Two!\\nThree", 0, "m-17")
    'Three Two!\\nOne.'
    """
    parts = split_sentences(explanation)
    return _shuffled(explanation, parts, seed, f"shuffle_steps:{identity}")


def shuffle_tokens(explanation: str, seed: int, identity: str) -> str:
    """Words, as white space separates them, in another order, unless all are the same.

    >>> shuffle_tokens("8 + 9 = 17.", 0, "m-17")
    '9 + = 17. 8'
    """
    parts = TOKEN.findall(explanation)
    return _shuffled(explanation, parts, seed, f"shuffle_tokens:{identity}")


def _shuffled(
    whole: str, parts: Sequence[tuple[str, str]], seed: int, stream: str
) -> str:
    """The first of a seeded order and its rotations that changes the text."""
    texts = [text for text, _ in parts]
    spaces = [space for _, space in parts]
    if len(set(texts)) < 2:
        return whole
    order = sorted(range(len(texts)), key=lambda at: number(seed, stream, at))
    for start in range(len(order)):
        pairs = zip([*order[start:], *order[:start]], spaces, strict=True)
        text = "".join(texts[at] + space for at, space in pairs)
        if text != whole:
            return text
    return whole


SHUFFLES: dict[str, Callable[[str, int, str], str]] = {
    "shuffle_steps": shuffle_steps,
    "shuffle_tokens": shuffle_tokens,
}
"""(explanation, seed, what the draw keys on) -> the explanation in another order."""
