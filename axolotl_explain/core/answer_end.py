"""Where a completion ends for somebody who reads it: with its first answer line.

A model that was not trained on our targets has never seen one end. It answers and goes
on, often with a question of its own, so that what it says last answers something else.
"""

from __future__ import annotations

import re

from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.core.thoughts import said_from

_SPECIAL = re.compile(r"(?:<[^<>\s]*>|\[[A-Z/]+\])+")
LEAST = 2
"""Characters of the words that open a question, of which one is no letter or digit."""


def opening_of(prompt: str, question: str) -> str:
    """What stands in front of the question in a prompt, by which another would begin.

    >>> opening_of("### Instruction:\\nAdd.\\n\\n### Response:\\n", "Add.")
    '### Instruction:'
    >>> opening_of("Q: Add.\\nA:", "Add.")
    'Q:'
    """
    first = question.strip().partition("\n")[0]
    place = prompt.find(first) if first else -1
    if place < 0:
        return ""
    line = prompt[:place].rstrip().rpartition("\n")[2].strip()
    words = _SPECIAL.sub("", line).strip()
    return words if len(words) >= LEAST and not words.isalnum() else ""


def until_answered(
    completion: str,
    layout: TargetFormat,
    prompt: str = "",
    opening: str = "",
    lines: int = 1,
) -> str:
    """A completion up to the end of its first answer; whole where it ends with it.

    Explanation first: up to the end of the first line that begins with the marker, and
    of the line below where the marker stands alone. Answer first: up to a second such
    line. In both orders not beyond a line that opens another question. Thoughts do not
    count.

    Args:
        opening: what a question begins with, as `opening_of` tells.
        lines: of an answer.

    >>> until_answered("2 + 2\\nFinal answer: 4\\nQuestion: 3 + 3?", TargetFormat())
    '2 + 2\\nFinal answer: 4'
    """
    end = answer_end(f"{completion}\n", layout, prompt, opening, lines)
    if end is None or end >= len(completion):
        return completion
    cut = completion[:end]
    lost = extract_answer(cut, layout, prompt) is None
    # Thoughts that begin anew may hold the line.
    if lost and extract_answer(completion, layout, prompt) is not None:
        return completion
    return cut


def answer_end(
    text: str, layout: TargetFormat, prompt: str, opening: str, lines: int
) -> int | None:
    """Where a completion ends that is still being written; None where it goes on."""
    start = said_from(text, prompt)
    if start is None:
        return None
    answered = _answered(text, start, layout, prompt, lines)
    found = (answered, _next_question(text, start, opening))
    return min((end for end in found if end is not None), default=None)


def _next_question(text: str, start: int, opening: str) -> int | None:
    place = text.find(f"\n{opening}", start) if opening else -1
    while place >= 0 and not text[start:place].strip():
        place = text.find(f"\n{opening}", place + 1)
    return place if place >= 0 else None


def _answered(
    text: str, start: int, layout: TargetFormat, prompt: str, lines: int
) -> int | None:
    marks = [one for one in marker_lines(text, layout.marker) if one.start() >= start]
    prompted = layout.prompted(prompt)
    if layout.order == "answer_first":
        later = marks if prompted else marks[1:]
        return later[0].start() if later else None
    # Behind a marker in the prompt, an explanation begins a line of its own.
    at_once = prompted and not prompt.endswith("\n") and text[:1] not in ("", "\n")
    if at_once or (prompted and not marks):
        return _line_end(text, start, lines)
    return _line_end(text, marks[0].end(), lines) if marks else None


def _line_end(text: str, place: int, lines: int) -> int | None:
    """The end of so many lines from the first that is not blank."""
    begin = len(text) - len(text[place:].lstrip())
    for _ in range(lines):
        end = text.find("\n", begin)
        if end < 0:
            return None
        begin = end + 1
    return end
