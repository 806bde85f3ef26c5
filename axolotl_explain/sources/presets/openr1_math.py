"""OpenR1-Math: problems with several checked traces of thinking each.

    {"problem": "What is 3 + 4?", "solution": "Add them: 3 + 4 = 7.", "answer": "7",
     "generations": ["<think>3, then 4 more.</think>\\\\boxed{7}", "<think>3 …"],
     "correctness_math_verify": [true, false], "correctness_llama": null,
     "is_reasoning_complete": [true, false]}

The written solution is medium; the thinking of those generations that are marked as
correct and complete is long.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.boxed import boxed
from axolotl_explain.sources.presets.preset import Fields, Preset
from axolotl_explain.sources.thought import split_thought


def marked(row: Fields) -> list[str]:
    """The generations that are marked as correct and complete.

    Raises:
        BadRow: if there are more or fewer marks than generations.
    """
    generations = row.texts("generations")
    keep = [True] * len(generations)
    for name in ("correct", "is_reasoning_complete"):
        marks = row.value(name)
        if marks is None:
            continue
        if not isinstance(marks, list | tuple) or len(marks) != len(generations):
            raise BadRow(
                f"{name}: there are {len(generations)} generations and other marks.",
                "generations and their marks differ in number",
            )
        keep = [kept and bool(mark) for kept, mark in zip(keep, marks, strict=True)]
    return [text for text, kept in zip(generations, keep, strict=True) if kept]


def read(row: Fields) -> Draft:
    """The problem, its answer, the solution and the thinking that led there."""
    solution = row.text("solution")
    thoughts = [split_thought(text) for text in marked(row)]
    return Draft(
        row.needed("problem"),
        row.text("answer") or boxed(solution),
        explanations={
            "medium": [solution],
            "long": [thought or rest for thought, rest in thoughts],
        },
        id=row.text("id"),
    )


PRESET = Preset(
    columns={
        "problem": ("problem", "question"),
        "solution": ("solution",),
        "answer": ("answer",),
        "generations": ("generations",),
        "correct": ("correctness_math_verify", "correctness_llama"),
        "is_reasoning_complete": ("is_reasoning_complete",),
        "id": ("uuid", "id"),
    },
    levels=("medium", "long"),
    read=read,
    parts={
        "instruction": "problem",
        "answer": "answer",
        "medium": "solution",
        "id": "id",
    },
    any_answer={"answer": "-"},
)
