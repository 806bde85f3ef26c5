"""Text as it can be shown safely: what has no shape of its own is written out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of control, format, surrogate, private and unassigned
characters, and of its line and paragraph separators."""

SPACE = "␣"
SIGNS = {"\n": "↵", "\t": "⇥"}


class Run(NamedTuple):
    """A stretch of text; `written_out` where it stands for what cannot be shown."""

    text: str
    written_out: bool


def visible(text: str) -> Iterator[Run]:
    r"""A text as runs that neither move a cursor, nor colour, nor turn the direction.

    A line break is a sign, without the break.

    >>> [run.text for run in visible("a\x1b[0m")]
    ['a', '\\x1b', '[0m']
    """
    plain = ""
    for character in text:
        shown = _written_out(character)
        if shown is None:
            plain += character
            continue
        if plain:
            yield Run(plain, False)
            plain = ""
        yield Run(shown, True)
    if plain:
        yield Run(plain, False)


def spelled(text: str) -> str:
    r"""A text with its spaces written out too, for where they would not be seen.

    >>> spelled(" so\n")
    '␣so↵'
    """
    return one_line(text).replace(" ", SPACE)


def one_line(text: str) -> str:
    """A name or value as it can stand in a line."""
    return "".join(run.text for run in visible(text))


def _written_out(character: str) -> str | None:
    if character in SIGNS:
        return SIGNS[character]
    if unicodedata.category(character) not in INVISIBLE:
        return None
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
