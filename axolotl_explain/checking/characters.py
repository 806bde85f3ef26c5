"""Characters and tokens in a text that nobody sees or that act on their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping

from axolotl_explain.checking.finding import RowFinding

UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff]"
)
"""Controls, but tab and line breaks; zero-width space; marks that change direction.

The joiners U+200C and U+200D and the marks U+200E and U+200F belong to spelling in
several scripts.
"""
REPLACEMENT = "\ufffd"
LONG_FIELD = 100_000
USUAL_SPECIAL = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|eot_id|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
)
"""Looked for where the tokenizer itself is not there to be asked."""


TextCheck = Callable[[str, str], Iterator[RowFinding]]
"""(name of the field, its text) -> what is wrong with it."""


def unseen(name: str, text: str) -> Iterator[RowFinding]:
    """Invisible control characters, and the mark of a wrong encoding."""
    if text.isascii() and text.isprintable():
        return
    found = UNSEEN.search(text)
    if found:
        mark = found[0]
        title = unicodedata.name(mark, "a control character")
        what = f"{name}: U+{ord(mark):04X}, {title}, at character {found.start() + 1:,}"
        yield RowFinding("control-characters", what, name)
    if REPLACEMENT in text:
        at = text.index(REPLACEMENT) + 1
        yield RowFinding("broken-characters", f"{name}: at character {at:,}", name)


def very_long(name: str, text: str) -> Iterator[RowFinding]:
    """A field that is probably half a file."""
    if len(text) > LONG_FIELD:
        yield RowFinding("field-very-long", f"{name}: {len(text):,} characters", name)


def special_token_check(tokens: Collection[str]) -> TextCheck:
    """A check for the special tokens of one tokenizer."""
    usable = sorted(
        (token for token in tokens if len(token.strip()) > 2), key=len, reverse=True
    )
    pattern = re.compile("|".join(map(re.escape, usable)) or r"(?!)")
    firsts = {token[0] for token in usable}

    def check(name: str, text: str) -> Iterator[RowFinding]:
        if any(first in text for first in firsts):
            found = pattern.search(text)
            if found:
                yield RowFinding("special-token-in-data", f"{name}: {found[0]}", name)

    return check


def text_checks(tokens: Collection[str]) -> tuple[TextCheck, ...]:
    """All checks of one text."""
    return (unseen, very_long, special_token_check(tokens))


def check_texts(
    texts: Mapping[str, str], checks: tuple[TextCheck, ...]
) -> Iterator[RowFinding]:
    """All checks over all fields of one row."""
    for name, text in texts.items():
        for check in checks:
            yield from check(name, text)
