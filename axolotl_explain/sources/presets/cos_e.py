"""CoS-E: commonsense questions with a crowd's explanations.

    {"id": "q-1", "question": "Where does one buy stamps?",
     "choices": ["post office", "lake", "attic"], "answer": "post office",
     "abstractive_explanation": "Post offices sell stamps.",
     "extractive_explanation": "buy stamps"}

Version 1.0 has three choices, 1.11 has five; the answer is the text of one. The
abstractive explanation is the one to learn; the extractive, words marked in the
question, is kept in `meta`.
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import by_text, choice_list, choice_texts
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Question, lettered choices, the abstractive explanation."""
    texts = choice_texts(row.value("choices"))
    return Draft(
        row.needed("question"),
        by_text(row.text("answer"), texts),
        choice_list(texts),
        {"short": [row.text("abstractive_explanation")]},
        row.text("id"),
        meta={"choices": texts, "extractive": row.text("extractive_explanation")},
    )


PRESET = Preset(
    columns={
        "id": ("id",),
        "question": ("question",),
        "choices": ("choices", "options"),
        "answer": ("answer", "label"),
        "abstractive_explanation": (
            "abstractive_explanation",
            "open-ended",
            "explanation",
        ),
        "extractive_explanation": ("extractive_explanation", "selected"),
    },
    levels=("short",),
    read=read,
    parts={
        "instruction": "question",
        "answer": "answer",
        "short": "abstractive_explanation",
        "id": "id",
    },
)
