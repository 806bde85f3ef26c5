"""QASC: science questions that two facts answer together.

    {"id": "a-1", "question": "What melts in the sun?",
     "choices": {"text": ["ice", "rock"], "label": ["A", "B"]}, "answerKey": "A",
     "fact1": "heat melts ice", "fact2": "the sun gives heat",
     "combinedfact": "the sun melts ice"}

The combined fact is short, both facts with it are medium. The authors' files nest stem
and choices in `question`; rows of the test split have no answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from axolotl_explain.core.example import as_text
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import (
    by_letter,
    choice_labels,
    choice_list,
    choice_texts,
)
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Question, lettered choices, the facts."""
    nested = row.value("question")
    if isinstance(nested, Mapping):
        question = as_text(nested.get("stem"), "question.stem")
        choices = nested.get("choices")
    else:
        question, choices = row.needed("question"), row.value("choices")
    texts = choice_texts(choices)
    facts = [row.text(name) for name in ("fact1", "fact2", "combinedfact")]
    return Draft(
        question,
        by_letter(row.text("answerKey"), texts, choice_labels(choices)),
        choice_list(texts),
        {"short": [facts[2]], "medium": ["\n".join(facts) if all(facts) else ""]},
        row.text("id"),
        meta={"choices": texts},
    )


PRESET = Preset(
    columns={
        "id": ("id",),
        "question": ("question", "formatted_question"),
        "choices": ("choices", "options"),
        "answerKey": ("answerKey", "answer"),
        "fact1": ("fact1",),
        "fact2": ("fact2",),
        "combinedfact": ("combinedfact", "combined_fact"),
    },
    levels=("short", "medium"),
    read=read,
    parts={
        "instruction": "question",
        "answer": "answerKey",
        "short": "combinedfact",
        "id": "id",
    },
    any_answer={"answerKey": "A"},
)
