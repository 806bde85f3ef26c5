"""Where an explanation may be cut: at the end of a sentence or of a line."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'”’)\]]*\s+"
    r"|(?<=[。！？])[\"'”’」』）)\]]*+\s*+(?=[^。！？])"
    r"|\n\s*"
)
"""Chinese and Japanese put no space after a sentence."""


def cuts(explanation: str) -> list[int]:
    """Where an explanation may be cut: lengths of its beginnings, descending to 0.

    White space at the end of a beginning is left out. Lengths and not texts, since a
    text of many sentences would be held as many times.

    >>> cuts("One. Two!\\nThree")
    [9, 4, 0]
    """
    ends = [match.end() for match in SENTENCE_END.finditer(explanation)]
    return [*(_bare(explanation, end) for end in reversed(ends)), 0]


def _bare(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


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
