"""AQuA-RAT: algebra with five choices and a crowd's rationales.

    {"question": "A car needs 2 hours for 90 miles. How fast is it, in mph?",
     "options": ["A)30", "B)45", "C)60", "D)90", "E)180"],
     "rationale": "Speed is 90 / 2 = 45.\\nAnswer: B", "correct": "B"}

Many rationales end by naming the letter; that end is cut, since the answer line says
it.
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import (
    LETTERS,
    by_letter,
    choice_list,
    choice_texts,
    without_answer,
)
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Question, lettered options, rationale without the letter."""
    texts = choice_texts(row.value("options"))
    letter = by_letter(row.text("correct"), texts)
    choice = texts[LETTERS.index(letter)]
    return Draft(
        row.needed("question"),
        letter,
        choice_list(texts),
        {"medium": [without_answer(row.text("rationale"), letter, choice)]},
        row.text("id"),
        meta={"choices": texts},
    )


PRESET = Preset(
    columns={
        "question": ("question", "Question"),
        "options": ("options", "choices", "Options"),
        "rationale": ("rationale", "Rationale", "explanation"),
        "correct": ("correct", "answer", "Correct", "answerKey"),
        "id": ("id",),
    },
    levels=("medium",),
    read=read,
    parts={
        "instruction": "question",
        "answer": "correct",
        "medium": "rationale",
        "id": "id",
    },
    any_answer={"correct": "A"},
)
