"""OpenOrca: tasks of FLAN answered by a model, under many system prompts.

    {"id": "flan.1", "system_prompt": "Think step by step.",
     "question": "What is 3 + 4?", "response": "3, then 4 more.\\nThe answer is 7."}

A response has no place of its own for the answer. It is the last box, or what follows
"answer is" or "answer:" in the last paragraph, and what stands around it explains it;
or the first line, where that is such an answer and more follows. A response of one line
is an answer without an explanation; from others no answer can be told, and they are
skipped.
"""

from __future__ import annotations

import re

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.grading.flexible import last_boxed
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset

SAID = re.compile(
    r"(?:^|(?<=[\s(*]))(?:(?:so|hence|thus|therefore),?\s+)?(?:the\s+|my\s+)?"
    r"(?:(?:correct|final|right|best)\s+)*answer(?:\s+is\b\s*:?|\s*:)\s*"
    r"(?P<answer>[^\n]*[^\s.\n])",
    re.IGNORECASE,
)


def split_response(response: str) -> tuple[str, str]:
    """Explanation and answer of a response.

    Raises:
        BadRow: if no answer can be told.

    >>> split_response("3, then 4 more.\\nThe answer is 7.")
    ('3, then 4 more.', '7')
    """
    boxed = last_boxed(response)
    if boxed:
        return response, boxed
    lines = response.splitlines()
    if len(lines) > 1:
        first = SAID.fullmatch(lines[0].rstrip(". "))
        if first:
            return "\n".join(lines[1:]).strip(), first["answer"]
    begin = response.rfind("\n\n") + 1
    found = list(SAID.finditer(response, begin))
    if found:
        said = found[-1]
        around = (response[: said.start()], response[said.end() :].lstrip(" .*"))
        explanation = "\n".join(part.strip() for part in around if part.strip())
        return explanation, said["answer"].strip("*\"' ")
    if len(lines) == 1:
        return "", response
    raise BadRow(
        f"response: it does not say which part of {quoted(response)} is the answer.",
        "no answer can be told from the response",
    )


def read(row: Fields) -> Draft:
    """System prompt, question, the two parts of the response."""
    explanation, answer = split_response(row.needed("response"))
    return Draft(
        row.needed("question"),
        answer,
        explanations={"medium": [explanation]},
        id=row.text("id"),
        system=row.text("system_prompt"),
    )


PRESET = Preset(
    columns={
        "id": ("id",),
        "system_prompt": ("system_prompt", "system"),
        "question": ("question", "instruction"),
        "response": ("response", "output"),
    },
    levels=("medium",),
    read=read,
    parts={"instruction": "question", "system": "system_prompt", "id": "id"},
)
