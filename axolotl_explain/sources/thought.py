"""The answering turn of a conversation -> thoughts and solution, without their tags."""

from __future__ import annotations

import re

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.core.thoughts import split_thoughts

SOLUTION = re.compile(
    r"<\|begin_of_solution\|>(.*?)(?:<\|end_of_solution\|>|\Z)", re.DOTALL
)
ANSWER = re.compile(r"<answer>(.*?)</answer>\s*\Z", re.DOTALL | re.IGNORECASE)
"""How DeepSeek-R1-Zero and what follows it mark the answer."""


def split_thought(text: str) -> tuple[str, str]:
    """Thoughts and solution of an answer; no thoughts where it has no tags of them.

    Raises:
        BadRow: if thoughts begin and do not end, as in answers that were cut off.

    >>> split_thought("<think>3, then 4 more.</think>7")
    ('3, then 4 more.', '7')
    >>> split_thought("<think>\\n\\n</think>\\n\\n<answer>7</answer>")
    ('', '7')
    """
    parts = split_thoughts(text.strip())
    if not parts.closed:
        raise BadRow(f"thinking: {quoted(text)} has no end.", "thinking has no end")
    thought, rest = parts.thought, parts.said
    if solution := SOLUTION.search(rest):
        rest = solution[1]
    elif answer := ANSWER.search(rest):
        thought = f"{thought}\n{rest[: answer.start()].strip()}".strip()
        rest = answer[1]
    return thought, rest.strip()
