"""Where an explanation may be cut: at the end of a sentence or of a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'”’)\]]*\s+"
    r"|(?<=[。！？])[\"'”’」』）)\]]*+\s*+(?=[^。！？])"
    r"|\n\s*"
)
"""Chinese and Japanese put no space after a sentence."""


def shorter_explanations(explanation: str) -> Iterator[str]:
    """The explanation cut at the end of a sentence or line, longest first, then empty.

    >>> list(shorter_explanations("One. Two!\\nThree"))
    ['One. Two!', 'One.', '']
    """
    ends = [match.end() for match in SENTENCE_END.finditer(explanation)]
    for end in reversed(ends):
        yield explanation[:end].rstrip()
    yield ""


def split_sentences(explanation: str) -> list[tuple[str, str]]:
    """Each sentence or line with the white space behind it; joined, the explanation.

    >>> split_sentences("One. Two!\\nThree")
    [('One.', ' '), ('Two!', '\\n'), ('Three', '')]
    """
    ends = [match.end() for match in SENTENCE_END.finditer(explanation)]
    starts = [0, *ends]
    parts = [
        explanation[start:end]
        for start, end in zip(starts, [*ends, len(explanation)], strict=True)
    ]
    bare = [part.rstrip() for part in parts]
    return [
        (text, part[len(text) :])
        for text, part in zip(bare, parts, strict=True)
        if part
    ]
