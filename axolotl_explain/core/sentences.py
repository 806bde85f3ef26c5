"""Where an explanation may be cut: at the end of a sentence or of a line."""

from __future__ import annotations

import re

SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'”’)\]]*\s+"
    r"|(?<=[。！？])[\"'”’」』）)\]]*+\s*+(?=[^。！？])"
    r"|\n\s*"
)
"""Chinese and Japanese put no space after a sentence."""
NO_END = re.compile(
    r"(?:^|\n)[^\S\n]*(?:\(?(?:\d{1,3}|[A-Za-z])|Step \d{1,3})\.\Z"
    r"|\b(?:e\.g|i\.e|cf|vs|approx|Mr|Mrs|Ms|Dr|Prof|Fig|Eq)\.\Z"
)
"""What stands before a full stop that ends no sentence: the number of a step at the
beginning of its line (`2. Add 3.`), and abbreviations that something follows."""
FAR = 40
"""Characters before a full stop by which it is told; more than any of these has."""


def cuts(explanation: str) -> list[int]:
    """Where an explanation may be cut: lengths of its beginnings, descending to 0.

    White space at the end of a beginning is left out. Lengths and not texts, since a
    text of many sentences would be held as many times.

    >>> cuts("One. Two!\\nThree")
    [9, 4, 0]
    """
    ends = _ends(explanation)
    return [*(_bare(explanation, end) for end in reversed(ends)), 0]


def _ends(text: str) -> list[int]:
    """Where sentences and lines end, the white space behind them included."""
    return [
        match.end()
        for match in SENTENCE_END.finditer(text)
        if "\n" in match.group() or not _goes_on(text, match.start())
    ]


def _goes_on(text: str, end: int) -> bool:
    """Whether the full stop before a place is one of a number or an abbreviation."""
    start = max(0, end - FAR)
    before = text[start:end]
    return before.endswith(".") and NO_END.search(before) is not None


def _bare(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end


def split_sentences(explanation: str) -> list[tuple[str, str]]:
    """Each sentence or line with the white space behind it; joined, the explanation.

    >>> split_sentences("One. Two!\\nThree")
    [('One.', ' '), ('Two!', '\\n'), ('Three', '')]
    """
    ends = _ends(explanation)
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
