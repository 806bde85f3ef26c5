"""Line breaks of completions whose tokenizer knows none."""

from __future__ import annotations

import re


def with_breaks(completion: str, line_break: str) -> str:
    """A completion with its line breaks back.

    Where white space surrounds the mark, any amount of it does.

    >>> with_breaks("3 + 4 = 7. | Final answer: 7", " | ")
    '3 + 4 = 7.\\nFinal answer: 7'
    """
    mark = line_break.strip()
    if not mark:
        return completion
    pattern = re.escape(mark)
    if mark != line_break:
        pattern = rf"\s?(?<!\S){pattern}(?!\S)\s?"
    return re.sub(pattern, "\n", completion)
