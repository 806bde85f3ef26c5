"""A model's thinking, told apart from what it then says."""

from __future__ import annotations

import re

from axolotl_explain.core.errors import BadRow, quoted

SPANS = re.compile(
    r"(?:<\|begin_of_thought\|>(?P<a>.*?)<\|end_of_thought\|>"
    r"|<(?P<tag>think|thinking|thought)>(?P<b>.*?)</(?P=tag)>|(?P<c>.*?)</think>)",
    re.DOTALL,
)
"""Templates that open the span in the prompt leave only its end in the turn."""

SOLUTION = re.compile(
    r"<\|begin_of_solution\|>(.*?)(?:<\|end_of_solution\|>|\Z)", re.DOTALL
)


def split_thought(text: str) -> tuple[str, str]:
    """Thinking and solution of an answer; no thinking where it has no such span.

    Raises:
        BadRow: if thinking begins and does not end, as in answers that were cut off.

    >>> split_thought("<think>3, then 4 more.</think>7")
    ('3, then 4 more.', '7')
    """
    text = text.strip()
    found = SPANS.match(text)
    if found is None:
        if text.startswith(("<think>", "<|begin_of_thought|>")):
            raise BadRow(f"thinking: {quoted(text)} has no end.", "thinking has no end")
        thought, rest = "", text
    else:
        thought = found["a"] or found["b"] or found["c"] or ""
        rest = text[found.end() :]
    solution = SOLUTION.search(rest)
    return thought.strip(), (solution[1] if solution else rest).strip()
