"""GSM8K: grade-school word problems with worked solutions.

    {"question": "A pen costs 3 and a pad 5. What do two pens and a pad cost?",
     "answer": "Pens: 2 * 3 = <<2*3=6>>6.\\nAll: 6 + 5 = <<6+5=11>>11.\\n#### 11"}

The answer stands behind `####`; commas between its digits are taken out, as are the
calculator's marks `<<…>>`, which `derive_levels: {by: steps}` still sees. Where marks
are all there is, as in GSM8K-Aug, what they hold is the explanation, one a line. The
socratic copy puts `question ** ` before each step.
"""

from __future__ import annotations

import re

from axolotl_explain.core.errors import BadRow, quoted
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset

MARKS = re.compile(r"<<([^<>\n]*)>>")
COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def read(row: Fields) -> Draft:
    """Split the solution from the answer."""
    solution, separator, answer = row.needed("answer").rpartition("####")
    if not separator:
        raise BadRow(f"answer: no #### in {quoted(solution or answer)}.", "no ####")
    marked = [step.strip() for step in MARKS.findall(solution) if step.strip()]
    steps = MARKS.sub("", solution).replace(" ** ", " ").strip() or "\n".join(marked)
    return Draft(
        row.needed("question"),
        COMMA.sub("", answer.strip()),
        explanations={"medium": [steps]},
        id=row.text("id"),
        steps=tuple(step for step in marked if "=" in step),
    )


PRESET = Preset(
    columns={
        "question": ("question", "problem", "query", "Question"),
        "answer": ("answer", "solution", "response", "Answer"),
        "id": ("id", "idx"),
    },
    levels=("medium",),
    read=read,
    parts={"instruction": "question", "id": "id"},
    any_answer={"answer": "#### 0"},
)
