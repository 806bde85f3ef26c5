"""Does an explanation end in the answer that is stored?

Judged is what an explanation states outright in its last line: behind the answer
marker, in `\\boxed{…}`, or behind a phrase such as "the answer is". One that states
nothing there is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from axolotl_explain.answers import extract_answer
from axolotl_explain.checking.characters import Hit
from axolotl_explain.checking.problem import Problem
from axolotl_explain.errors import shown
from axolotl_explain.evaluation.flexible import PHRASE, Gold, last_boxed
from axolotl_explain.formats import TargetFormat


def contradictions(problem: Problem, layout: TargetFormat) -> Iterator[Hit]:
    """One hit for each explanation that ends in another answer."""
    example = problem.example
    for level, text in problem.explanations.items():
        last = text.rstrip()[-600:].rpartition("\n")[2]
        if _states(last, layout) and not _agrees(problem, last, layout):
            message = f"{level}: {shown(last)} against {shown(example.answer)}"
            yield Hit("explanation-contradicts", message, level)


def _states(line: str, layout: TargetFormat) -> bool:
    return (
        layout.marker.strip() in line
        or last_boxed(line) is not None
        or PHRASE.search(line) is not None
    )


def _agrees(problem: Problem, line: str, layout: TargetFormat) -> bool:
    answer = problem.example.answer
    gold = Gold.of(answer, problem.example.meta.get("choices"))
    if gold.matches(line, extract_answer(line, layout)):
        return True
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", line, re.I) is not None
