"""Distilling Step-by-Step: a large model's rationales for four public datasets.

    {"input": "Where does one buy stamps? Answer Choices: (a) lake (b) post office",
     "label": "post office", "rationale": "Post offices sell stamps.",
     "llm_label": "post office"}

The label is the dataset's own; what the model itself answered is kept in `meta`.
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Input, label and rationale as they stand."""
    stated = row.text("llm_label")
    return Draft(
        row.needed("input"),
        row.needed("label"),
        explanations={"medium": row.texts("rationale")},
        id=row.text("id"),
        meta={"llm_label": stated} if stated else {},
    )


PRESET = Preset(
    columns={
        "input": ("input", "question", "source"),
        "label": ("label", "answer", "target"),
        "rationale": ("rationale", "llm_rationale", "explanation"),
        "llm_label": ("llm_label", "llm_answer"),
        "id": ("id",),
    },
    levels=("medium",),
    read=read,
    parts={"instruction": "input", "answer": "label", "id": "id"},
)
