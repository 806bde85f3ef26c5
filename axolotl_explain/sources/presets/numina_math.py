"""NuminaMath: competition mathematics with worked solutions.

    {"source": "amc", "problem": "What is 3 + 4?",
     "solution": "Adding gives \\\\boxed{7}.", "messages": […]}

The answer is the last box of the solution; version 1.5 has it as `answer`, with `proof`
and `notfound` where there is none. Proofs, which have no answer, are skipped.
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.boxed import boxed
from axolotl_explain.sources.presets.preset import Fields, Preset

NONE = ("", "proof", "notfound")


def read(row: Fields) -> Draft:
    """The problem, its solution, the answer in the box."""
    solution, answer = row.needed("solution"), row.text("answer")
    return Draft(
        row.needed("problem"),
        boxed(solution) if answer.lower() in NONE else answer,
        explanations={"medium": [solution]},
        id=row.text("id"),
        meta={"source": row.text("source")},
    )


PRESET = Preset(
    columns={
        "problem": ("problem", "question"),
        "solution": ("solution",),
        "answer": ("answer",),
        "source": ("source",),
        "id": ("id", "uuid"),
    },
    levels=("medium",),
    read=read,
    parts={
        "instruction": "problem",
        "answer": "answer",
        "medium": "solution",
        "id": "id",
    },
    any_answer={"solution": r"\boxed{-}"},
)
