"""ScienceQA: school science with lectures and solutions.

    {"image": null, "question": "Which of these is a mineral?",
     "choices": ["quartz", "wood"], "answer": 0, "hint": "Minerals are no organisms.",
     "lecture": "A mineral is a solid that no organism made.",
     "solution": "Quartz is a solid that no organism made."}

The answer counts from 0. The hint stands in front of the choices. The solution is
medium, lecture and solution together are long; either may be empty. Questions about a
picture are skipped.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.lettered import by_index, choice_list, choice_texts
from axolotl_explain.sources.presets.preset import Fields, Preset


def read(row: Fields) -> Draft:
    """Question, hint and choices, solution and lecture."""
    if row.value("image") is not None:
        raise BadRow("image: the question is about a picture.", "needs its picture")
    texts = choice_texts(row.value("choices"))
    hint, lecture, solution = map(row.text, ("hint", "lecture", "solution"))
    both = "\n".join(filter(None, (lecture, solution)))
    return Draft(
        row.needed("question"),
        by_index(row.text("answer"), texts),
        "\n\n".join(filter(None, (hint, choice_list(texts)))),
        {"medium": [solution], "long": [both]},
        row.text("id"),
        meta={"choices": texts},
    )


PRESET = Preset(
    columns={
        "image": ("image",),
        "question": ("question",),
        "choices": ("choices",),
        "answer": ("answer",),
        "hint": ("hint", "context"),
        "lecture": ("lecture",),
        "solution": ("solution", "explanation"),
        "id": ("id",),
    },
    levels=("medium", "long"),
    read=read,
    parts={"instruction": "question", "answer": "answer", "id": "id"},
    any_answer={"answer": "0"},
)
