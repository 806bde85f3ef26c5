"""Does a prompt give away what the model is to find: the answer, the explanation?

Only what cannot be meant is found. That an answer stands somewhere in its prompt is
usual where a prompt lists the choices or holds the text that is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import RowFinding
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.grading.flexible import MARKS, PHRASE, SENTENCE_END

LEAST_WORDS = 5
"""A shorter explanation may well stand in its prompt by chance."""
QUOTED_WORDS = 3


def answer_leak(problem: CheckedProblem, layout: TargetFormat) -> Iterator[RowFinding]:
    """The answer behind its marker, behind `the answer is`, or as the whole input."""
    example = problem.example
    gold = _bare(example.answer)
    if not gold:
        return
    if _bare(example.input) == gold:
        yield RowFinding(
            "answer-in-prompt", f"the input is the answer {_said(problem)}"
        )
        return
    for text in (example.instruction, example.input):
        for said in _said_answers(text, layout):
            if _bare(said) == gold:
                yield RowFinding("answer-in-prompt", f"it says {quoted(said.strip())}")
                return


def explanation_leak(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """An explanation as a whole within the prompt."""
    example = problem.example
    for level, text in problem.explanations.items():
        if text.count(" ") + 1 >= LEAST_WORDS and (
            text in example.input or text in example.instruction
        ):
            yield RowFinding(
                "explanation-in-prompt", f"the {level} one: {quoted(text)}", level
            )


def is_quoted(problem: CheckedProblem) -> bool:
    """Whether an answer of several words stands in its prompt word for word."""
    answer = problem.example.answer
    return answer.count(" ") + 1 >= QUOTED_WORDS and (
        answer in problem.example.input or answer in problem.example.instruction
    )


def _said_answers(text: str, layout: TargetFormat) -> Iterator[str]:
    lowered = text.casefold()
    if layout.marker.strip() in text:
        for found in marker_lines(text, layout.marker):
            yield text[found.end() :].partition("\n")[0]
    if "answer" in lowered or "solution" in lowered or "result" in lowered:
        for phrase in PHRASE.finditer(text):
            yield SENTENCE_END.split(text[phrase.end() :], maxsplit=1)[0]


def _said(problem: CheckedProblem) -> str:
    return quoted(problem.example.answer)


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip(MARKS)).casefold()
