"""e-SNLI: does a sentence follow from another, and why.

    {"premise": "A girl jumps into a pool.", "hypothesis": "A girl gets wet.",
     "label": 0, "explanation_1": "Who jumps into a pool gets wet.",
     "explanation_2": "", "explanation_3": ""}

Labels are 0 entailment, 1 neutral, 2 contradiction, or these words; -1 has no gold
label. Training rows have one explanation, the others three. The authors' CSV files
spell the columns `Sentence1`, `Sentence2`, `gold_label` and `Explanation_1`; ANLI, read
by the same preset, has `reason`.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset

LABELS = ("entailment", "neutral", "contradiction")
INSTRUCTION = (
    "What is the relation of the hypothesis to the premise: entailment, neutral or "
    "contradiction?"
)


def read(row: Fields) -> Draft:
    """Both sentences, the label as a word, up to three explanations."""
    label = row.text("label").lower()
    word = LABELS[int(label)] if label in ("0", "1", "2") else label
    if word not in LABELS:
        raise BadRow(f"label: {quoted(label)} is no label.", "no gold label")
    premise, hypothesis = row.needed("premise"), row.needed("hypothesis")
    explanations = [row.text(f"explanation_{number}") for number in (1, 2, 3)]
    return Draft(
        INSTRUCTION,
        word,
        f"Premise: {premise}\nHypothesis: {hypothesis}",
        {"short": explanations},
        row.text("id"),
    )


PRESET = Preset(
    columns={
        "premise": ("premise", "Sentence1", "sentence1"),
        "hypothesis": ("hypothesis", "Sentence2", "sentence2"),
        "label": ("label", "gold_label"),
        "explanation_1": ("explanation_1", "Explanation_1", "explanation", "reason"),
        "explanation_2": ("explanation_2", "Explanation_2"),
        "explanation_3": ("explanation_3", "Explanation_3"),
        "id": ("id", "pairID", "uid"),
    },
    levels=("short",),
    read=read,
    parts={"answer": "label", "id": "id"},
    any_answer={"label": "0"},
)
