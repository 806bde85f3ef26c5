"""Is an answer an answer, and an explanation an explanation?

A column in the place of another trains on without an error: the explanation as the
answer, the answer as its own explanation, an answer still in its `\\boxed{…}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import RowFinding
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.grading.flexible import MARKS

LONG_ANSWER = 6
SHORT_EXPLANATION = 3
"""Words; an explanation this short at the end of an answer this long is its answer."""
TAGS = r"(?:answer|final_answer|solution|response|output|result|ans)"
WRAPPED = re.compile(
    r"[\s$*]*\\f?boxed\b|\s*#{4}"
    rf"|[\s*]*<{TAGS}>|[\s*]*(?:(?:so|thus|hence|therefore),?\s+)?(?:the\s+)?"
    r"(?:(?:final|correct|right)\s+)*(?:answer|ans)(?:\s+is\b|\s*[*]*\s*:)",
    re.IGNORECASE,
)
CLOSED = re.compile(rf"</{TAGS}>\s*\Z", re.IGNORECASE)


def wrapped_answer(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """An answer with what a model or a file puts around it still on."""
    answer = problem.example.answer
    if WRAPPED.match(answer) or (answer.endswith(">") and CLOSED.search(answer)):
        yield RowFinding("answer-wrapped", f"it is {quoted(answer)}")


def swapped(problem: CheckedProblem, layout: TargetFormat) -> Iterator[RowFinding]:
    """A long answer that ends in what its explanation is; or one text as both."""
    answer = _bare(problem.example.answer)
    for level, text in problem.explanations.items():
        if len(text) > len(problem.example.answer) + len(MARKS):
            continue
        explanation = _bare(text)
        if explanation == answer:
            yield RowFinding("explanation-is-answer", f"{level}: {quoted(text)}", level)
        elif _is_answer_of(explanation, answer):
            message = (
                f"{level}: the answer is {quoted(problem.example.answer)}, the "
                f"explanation {quoted(text)}"
            )
            yield RowFinding("answer-explanation-swapped", message, level)


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


def _is_answer_of(explanation: str, answer: str) -> bool:
    short = len(explanation.split()) <= SHORT_EXPLANATION
    long = len(answer.split()) >= LONG_ANSWER
    ends = re.search(rf"(?<![\w.,]){re.escape(explanation)}\Z", answer)
    return short and long and ends is not None


def _bare(text: str) -> str:
    return " ".join(text.strip(MARKS).split()).casefold()
