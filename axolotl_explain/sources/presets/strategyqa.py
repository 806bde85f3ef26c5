"""StrategyQA: yes-or-no questions that need several facts.

    {"qid": "s-1", "term": "Ice", "description": "frozen water",
     "question": "Would ice survive in a sauna?", "answer": false,
     "facts": ["Ice melts above 0 degrees.", "A sauna has about 80 degrees."],
     "decomposition": ["When does ice melt?", "How hot is a sauna?"]}

Facts are a list, in some copies one string. The answer becomes `yes` or `no`.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset

WORDS = {"true": "yes", "1": "yes", "yes": "yes", "false": "no", "0": "no", "no": "no"}


def read(row: Fields) -> Draft:
    """The question, its facts one a line, yes or no."""
    stated = row.text("answer").lower()
    if stated not in WORDS:
        raise BadRow(
            f"answer: {quoted(stated)} is neither true nor false.", "no answer"
        )
    return Draft(
        row.needed("question"),
        WORDS[stated],
        explanations={"medium": ["\n".join(row.texts("facts"))]},
        id=row.text("qid"),
    )


PRESET = Preset(
    columns={
        "qid": ("qid", "id"),
        "question": ("question", "input"),
        "answer": ("answer", "label"),
        "facts": ("facts", "fact"),
    },
    levels=("medium",),
    read=read,
    parts={"instruction": "question", "answer": "answer", "id": "qid"},
    any_answer={"answer": "yes"},
)
