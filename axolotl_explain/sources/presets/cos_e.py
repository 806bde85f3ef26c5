"""CoS-E: commonsense questions with a crowd's explanations.

    {"id": "q-1", "question": "Where does one buy stamps?",
     "choices": ["post office", "lake", "attic"], "answer": "post office",
     "abstractive_explanation": "Post offices sell stamps.",
     "extractive_explanation": "buy stamps"}

Version 1.0 has three choices, 1.11 has five; the answer is the text of one. The
abstractive explanation is the one to learn; the extractive, words marked in the
question, is kept in `meta`.

The authors' own files hold ids and explanations alone; joined with CommonsenseQA's rows
by id, question and explanation are nested, and the answer is a letter:

    {"id": "q-1", "answerKey": "A",
     "question": {"stem": "Where does one buy stamps?",
                  "choices": [{"label": "A", "text": "post office"}, …]},
     "explanation": {"open-ended": "Post offices sell stamps.",
                     "selected": "buy stamps"}}
"""

from __future__ import annotations

from collections.abc import Mapping

from axolotl_explain.core.errors import BadRow
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import (
    by_letter,
    by_text,
    choice_labels,
    choice_list,
    choice_texts,
)
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Question, lettered choices, the abstractive explanation."""
    row = _flat(row)
    if row.value("abstractive_explanation") and row.value("question") is None:
        raise BadRow(
            "question: there is none; CoS-E's own files hold explanations alone, so "
            "join them with CommonsenseQA's rows by id.",
            "no question; join CoS-E's own file with CommonsenseQA's rows by id",
        )
    question, choices = row.needed("question"), row.value("choices")
    texts = choice_texts(choices)
    letter = row.text("answerKey")
    return Draft(
        question,
        by_letter(letter, texts, choice_labels(choices))
        if letter
        else by_text(row.text("answer"), texts),
        choice_list(texts),
        {"short": [row.text("abstractive_explanation")]},
        row.text("id"),
        meta={"choices": texts, "extractive": row.text("extractive_explanation")},
    )


def _flat(row: Fields) -> Fields:
    """The row with what is nested as columns of its own."""
    flat = dict(row.row)
    for column in ("question", "explanation"):
        nested = flat.get(column)
        if isinstance(nested, Mapping):
            flat.pop(column)
            flat.update(nested)
    if "stem" in flat:
        flat.setdefault("question", flat["stem"])
    return Fields(flat, row.names)


PRESET = Preset(
    columns={
        "id": ("id",),
        "question": ("question",),
        "choices": ("choices", "options"),
        "answer": ("answer", "label"),
        "answerKey": ("answerKey",),
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
    any_answer={"answerKey": "A", "answer": "-"},
)
