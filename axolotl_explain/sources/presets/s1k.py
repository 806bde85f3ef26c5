"""s1K: a thousand hard questions with long traces of thinking.

    {"question": "What is 3 + 4?", "solution": "7", "cot_type": "math",
     "thinking_trajectories": ["3, then 4 more, that is 7."],
     "attempt": "Adding gives \\\\boxed{7}."}

Version 1.1 has the columns `gemini_…` and `deepseek_…`, with a grade of each; what is
graded as wrong is not used. Thinking is long, the attempt after it medium. The answer
is the box of the solution, or the solution as a whole.
"""

from __future__ import annotations

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.boxed import boxed_or_whole
from axolotl_explain.sources.presets.preset import Fields, Preset

MODELS = ("gemini", "deepseek")


def read(row: Fields) -> Draft:
    """The question, its answer, the thinking and attempts that are not wrong."""
    thinking, attempts = row.texts("thinking_trajectories"), row.texts("attempt")
    for model in MODELS:
        if row.text(f"{model}_grade").lower() not in ("no", "false"):
            thinking += row.texts(f"{model}_thinking_trajectory")
            attempts += row.texts(f"{model}_attempt")
    return Draft(
        row.needed("question"),
        boxed_or_whole(row.needed("solution")),
        explanations={"medium": attempts, "long": thinking},
        id=row.text("id"),
    )


PRESET = Preset(
    columns={
        "question": ("question", "problem"),
        "solution": ("solution", "answer"),
        "thinking_trajectories": ("thinking_trajectories",),
        "attempt": ("attempt",),
        **{
            f"{model}_{name}": (f"{model}_{name}",)
            for model in MODELS
            for name in ("thinking_trajectory", "attempt", "grade")
        },
        "id": ("id", "uuid"),
    },
    levels=("medium", "long"),
    read=read,
    parts={"instruction": "question", "answer": "solution", "id": "id"},
    any_answer={"solution": "-"},
)
