"""Distilling Step-by-Step: a large model's rationales for four public datasets.

    {"input": "Where does one buy stamps? Answer Choices: (a) lake (b) post office",
     "label": "post office", "rationale": "Post offices sell stamps.",
     "llm_label": "post office"}

The label is the dataset's own; what the model itself answered is kept in `meta`. The
authors' file for CommonsenseQA is CoS-E's, with `question`, `choices` and
`abstractive_explanation`; its choices are written behind the question as they do it.
"""

from __future__ import annotations

from string import ascii_lowercase

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import choice_texts
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Input, label and rationale as they stand."""
    stated = row.text("llm_label")
    return Draft(
        f"{row.needed('input')}{_choices(row.value('choices'))}",
        row.needed("label"),
        explanations={"medium": row.texts("rationale")},
        id=row.text("id"),
        meta={"llm_label": stated} if stated else {},
    )


def _choices(value: object) -> str:
    """The choices behind a question; empty where a row has none beside it."""
    if value is None:
        return ""
    pairs = zip(ascii_lowercase, choice_texts(value), strict=False)
    listed = " ".join(f"({letter}) {text}" for letter, text in pairs)
    return f"\nAnswer Choices: {listed}"


PRESET = Preset(
    columns={
        "input": ("input", "question", "source"),
        "label": ("label", "answer", "target"),
        "choices": ("choices",),
        "rationale": (
            "rationale",
            "llm_rationale",
            "explanation",
            "abstractive_explanation",
        ),
        "llm_label": ("llm_label", "llm_answer"),
        "id": ("id",),
    },
    levels=("medium",),
    read=read,
    parts={"instruction": "input", "answer": "label", "id": "id"},
    any_answer={"label": "-"},
)
