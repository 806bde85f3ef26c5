"""Is an answer an answer, and an explanation an explanation?

A column in the place of another trains on without an error: the explanation as the
answer, the answer as its own explanation, an answer still in its `\\boxed{…}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from axolotl_explain.checking.answer_marks import (
    LONGEST_UNWRITTEN,
    SAYS,
    is_unwritten,
    is_wrapped,
)
from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import RowFinding
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.grading.answer_kinds import MARKS

LONG_ANSWER = 6
SHORT_EXPLANATION = 3
"""Words; an explanation this short at the end of an answer this long is its answer."""


class Swapped(NamedTuple):
    """An answer and an explanation that look as if each were the other."""

    message: str
    sure: bool
    """Whether one ends in the other; else only many such rows tell."""


def wrapped_answer(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """An answer with what a model or a file puts around it still on."""
    answer = problem.example.answer
    if is_wrapped(answer):
        yield RowFinding("answer-wrapped", f"it is {quoted(answer)}")


def unwritten_answer(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """An answer that somebody or something has still to fill in."""
    answer = problem.example.answer
    if is_unwritten(answer):
        yield RowFinding("answer-placeholder", f"it is {quoted(answer)}")


def bare_answers(problem: CheckedProblem, layout: TargetFormat) -> Iterator[RowFinding]:
    """An explanation that is the answer, or says it, and nothing more."""
    answer = problem.example.answer
    for level, text in problem.explanations.items():
        if len(text) > len(answer) + LONGEST_UNWRITTEN:
            continue
        said = SAYS.match(text)
        if _bare(answer) in (_bare(text), _bare(text[said.end() if said else 0 :])):
            yield RowFinding("explanation-is-answer", f"{level}: {quoted(text)}", level)


def swapped(problem: CheckedProblem) -> Swapped | None:
    """A long answer that holds, as its last words or at all, a short explanation."""
    given = problem.example.answer
    if given.count(" ") + 1 < LONG_ANSWER:
        return None
    answer = _bare(given)
    for level, text in problem.explanations.items():
        if len(text) >= len(given) or len(text.split()) > SHORT_EXPLANATION:
            continue
        explanation = re.escape(_bare(text))
        found = re.search(rf"(?<![\w.,]){explanation}(?P<more>(?!\w).*)", answer)
        if found:
            message = (
                f"{level}: the answer is {quoted(given)}, the explanation "
                f"{quoted(text)}"
            )
            return Swapped(message, not found["more"])
    return None


def inner_markers(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """Lines of an explanation that would be read as its answer."""
    for level, text in problem.explanations.items():
        if layout.marker.strip() in text:
            found = marker_lines(text, layout.marker)
            if found:
                line = text[found[0].start() :].partition("\n")[0]
                yield RowFinding(
                    "marker-in-explanation", f"{level}: {quoted(line)}", level
                )


def _bare(text: str) -> str:
    return " ".join(text.strip(MARKS).split()).casefold()
