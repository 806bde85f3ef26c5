"""OpenOrca: tasks of FLAN answered by a model, under many system prompts.

    {"id": "flan.1", "system_prompt": "Think step by step.",
     "question": "What is 3 + 4?", "response": "3, then 4 more.\\nThe answer is 7."}

A response has no place of its own for the answer. It is the last box, or what stands
behind "the answer is" or "answer:" in the last paragraph, up to the end of its
sentence, and what is around it explains it; or the first line, where that is such an
answer and more follows. A response of one line that says no answer in this way is one,
without an explanation; from others no answer can be told, and they are skipped.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.grading.boxed import last_boxed
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset
from axolotl_explain.sources.presets.stated import StatedAnswer, stated_answer


def split_response(response: str) -> tuple[str, str]:
    """Explanation and answer of a response.

    Raises:
        BadRow: if no answer can be told.

    >>> split_response("3, then 4 more.\\nThe answer is 7.")
    ('3, then 4 more.', '7')
    >>> split_response("The answer is Paris. It has been the capital for centuries.")
    ('It has been the capital for centuries.', 'Paris')
    """
    boxed = last_boxed(response)
    if boxed:
        return response, boxed
    lines = response.splitlines()
    if len(lines) > 1:
        first = stated_answer(lines[0])
        if first and first.is_all_of(lines[0]):
            return "\n".join(lines[1:]).strip(), first.answer
    said = stated_answer(response, response.rfind("\n\n") + 1)
    if said:
        return _around(response, said), said.answer
    if len(lines) == 1:
        return "", response
    raise BadRow(
        f"response: it does not say which part of {quoted(response)} is the answer.",
        "no answer can be told from the response",
    )


def _around(response: str, said: StatedAnswer) -> str:
    """What explains the answer: all but the statement, if that is a whole sentence."""
    if not said.begins_sentence:
        return response
    around = (
        response[: said.start].rstrip(" *_#("),
        response[said.end :].lstrip(" .,;:!?*_)"),
    )
    return "\n".join(part.strip() for part in around if part.strip())


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
    any_answer={"response": "-"},
)
