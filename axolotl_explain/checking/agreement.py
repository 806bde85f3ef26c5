"""Does an explanation end in the answer that is stored?

Judged is what an explanation states outright in its last line: behind the answer
marker, in `\\boxed{…}`, or behind a phrase such as "the answer is". One that states
nothing there is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import RowFinding
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.flexible import Gold

MOST = 600
"""Characters of the last line that are read."""


def contradictions(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """One finding for each explanation that ends in another answer."""
    answer = problem.example.answer
    gold = Gold.of(answer, problem.example.meta.get("choices"))
    for level, text in problem.explanations.items():
        last = text.rstrip()[-MOST:].rpartition("\n")[2]
        stated = gold.stated(last, extract_answer(last, layout))
        if stated is False and not _names(answer, last):
            message = f"{level}: {quoted(last)} against {quoted(answer)}"
            yield RowFinding("explanation-contradicts", message, level)


def _names(answer: str, line: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", line, re.I) is not None
