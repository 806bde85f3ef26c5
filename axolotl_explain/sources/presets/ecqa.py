"""ECQA: CommonsenseQA explained, for the right choice and against the wrong ones.

    {"q_no": "e-1", "q_concept": "stamp", "q_text": "Where does one buy stamps?",
     "q_op1": "lake", "q_op2": "post office", "q_op3": "attic", "q_op4": "barn",
     "q_op5": "sea", "q_ans": "post office",
     "taskA_pos": "Post offices sell stamps.", "taskA_neg": "Lakes sell nothing.",
     "taskB": "Post offices sell stamps, while a lake, an attic, … sell nothing."}

The properties that speak for the answer are short, those against the others as well
are medium, and the free text is long.
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import by_text, choice_list
from axolotl_explain.sources.presets.preset import Fields, Preset

OPTIONS = tuple(f"q_op{number}" for number in range(1, 6))


def read(row: Fields) -> Draft:
    """Question, five options, explanations at all three levels."""
    texts = [row.needed(name) for name in OPTIONS]
    speaks_for = "\n".join(row.texts("taskA_pos"))
    against = "\n".join(row.texts("taskA_neg"))
    both = f"{speaks_for}\n{against}" if speaks_for and against else ""
    return Draft(
        row.needed("q_text"),
        by_text(row.text("q_ans"), texts),
        choice_list(texts),
        {"short": [speaks_for], "medium": [both], "long": [row.text("taskB")]},
        row.text("q_no"),
        meta={"choices": texts},
    )


PRESET = Preset(
    columns={
        "q_no": ("q_no", "id"),
        "q_text": ("q_text", "question"),
        **{name: (name,) for name in OPTIONS},
        "q_ans": ("q_ans", "answer"),
        "taskA_pos": ("taskA_pos",),
        "taskA_neg": ("taskA_neg",),
        "taskB": ("taskB", "explanation"),
    },
    levels=("short", "medium", "long"),
    read=read,
    parts={"instruction": "q_text", "answer": "q_ans", "long": "taskB", "id": "q_no"},
    any_answer={"q_ans": lambda row: row.text(OPTIONS[0])},
)
