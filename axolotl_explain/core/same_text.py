"""Texts that a reader takes for the same: one normal form, one width, one quote.

Ä may be one character or two, digits may be full-width, quotes straight or curly; a
space may be one that never breaks a line; a mark may be written as in HTML. A
model sees the same problem all the same.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape

MARKS: dict[str, str] = {
    **dict.fromkeys("`´‘’‚‛“”„‟′″«»‹›「」『』", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
}
"""Quotes and dashes of any shape -> one; what nobody sees -> nothing."""
MARKED = re.compile(f"[{''.join(MARKS)}]+")


def same_form(text: str) -> str:
    """The form that such texts have in common, lower case and single spaces included.

    >>> same_form("“Ä”  １２") == same_form("'a\\u0308' 12")
    True
    """
    if "&" in text:
        text = unescape(text)
    if not text.isascii():
        plain = MARKED.sub(_plain, text)
        text = unicodedata.normalize("NFKC", plain)
    return " ".join(text.casefold().replace('"', "'").replace("`", "'").split())


def _plain(marks: re.Match[str]) -> str:
    return "".join(MARKS[mark] for mark in marks[0])
