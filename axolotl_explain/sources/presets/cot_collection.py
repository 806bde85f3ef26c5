"""CoT-Collection: the tasks of FLAN with a model's rationales.

{"source": "Is the sky green? Options: yes, no", "target": "no",
 "rationale": "By day the sky is blue.", "task": "colours", "type": "CoT"}
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Source, target and rationale as they stand."""
    return Draft(
        row.needed("source"),
        row.needed("target"),
        explanations={"medium": [row.text("rationale")]},
        id=row.text("id"),
        meta={"task": row.text("task")},
    )


PRESET = Preset(
    columns={
        "source": ("source", "instruction", "input"),
        "target": ("target", "output", "answer"),
        "rationale": ("rationale", "rationales", "cot"),
        "task": ("task", "task_name"),
        "id": ("id",),
    },
    levels=("medium",),
    read=read,
    parts={
        "instruction": "source",
        "answer": "target",
        "medium": "rationale",
        "id": "id",
    },
    any_answer={"target": "-"},
)
