"""Which rows pose the same problem: history, instruction and input in a normal form."""

from __future__ import annotations

import hashlib

from axolotl_explain.core.example import Example
from axolotl_explain.core.same_text import same_form

DIGEST_SIZE = 8
"""Bytes; among a million problems, two share a digest once in 40 million runs."""


def question(example: Example) -> str:
    """What an example asks, in one text: history, instruction and input."""
    turns = [turn.content for turn in example.history]
    return "\n".join((*turns, example.instruction, example.input))


def problem_number(example: Example) -> int:
    """A number that is the same for all examples of one problem; signed, 64 bits."""
    text = same_form(question(example))
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST_SIZE)
    return int.from_bytes(digest.digest(), "big", signed=True)
