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
from axolotl_explain.grading.flexible import MARKS, SENTENCE_END, phrases_in

LEAST_WORDS = 5
"""A shorter explanation may well stand in its prompt by chance."""
QUOTED_WORDS = 3
AROUND = f"{MARKS}()[]{{}}"
LABEL = re.compile(
    r"(?:^|[\s{(\[,;|])[\"'*]*(?:(?:gold|true|correct|right|expected|reference)[\s_-]+)?"
    r"(?P<name>label|ans|target|output|class|category|gold|(?:ground[\s_-]*)?truth|verdict|"
    r"answer[\s_-]*key|key|antwort|(?:correct|right)[\s_-]+(?:choice|option))"
    r"[\"'*]*\s*(?:[:=]|[-=]>)[\s\"'*]*",
    re.IGNORECASE,
)
"""What a file calls its answers; read where it stands once, since examples of how to
answer repeat it."""
WRAP = re.compile(
    r"<(?:answer|final_answer|solution|label|target|output|gold)>\s*"
    r"|\\(?:f?boxed|fbox)\s*\{\s*|#{4}\s+"
    r"|#{1,6}[^\S\n]*(?:(?:correct|final|expected|gold)\s+)?"
    r"(?:answer|label|target|solution|output|result)[^\S\n]*:?[^\S\n]*\n\s*",
    re.IGNORECASE,
)
"""What stands around or above an answer in a solved example."""
LABEL_ENDS = re.compile(r"[.\s]*(?:[\"'*]|\Z|\n|[}\])]|</|\.\s)")


def answer_leak(problem: CheckedProblem, layout: TargetFormat) -> Iterator[RowFinding]:
    """The answer behind its marker, `the answer is` or a label, or as a whole text."""
    gold = _bare(problem.example.answer)
    if not gold:
        return
    for name, text in _asked(problem).items():
        # Most prompts do not hold the answer at all.
        if gold.partition(" ")[0] not in text.casefold():
            continue
        if name != "instruction" and _bare(text) == gold:
            message = f"the {name} is the answer {_said(problem)}"
        elif said := said_answer(text, gold, layout):
            message = f"the {name} says {quoted(said)}"
        else:
            continue
        yield RowFinding("answer-in-prompt", message)
        return


def said_answer(text: str, gold: str, layout: TargetFormat) -> str:
    """The words in which a text says an answer outright; empty where it does not.

    Args:
        gold: the answer, in lower case and without marks around it.
    """
    for said in _said_answers(text, layout):
        if _bare(said) == gold:
            return said.strip()
    marks = (LABEL, WRAP) if _behind_colon(text.casefold(), gold) else (WRAP,)
    for mark in marks:
        found = [*mark.finditer(text)]
        if len(found) == 1:
            rest = text[found[0].end() :]
            behind = rest[len(gold) :]
            if rest.casefold().startswith(gold) and LABEL_ENDS.match(behind):
                return f"{found[0][0]}{rest[: len(gold)]}".strip()
    return ""


def _behind_colon(lowered: str, gold: str) -> bool:
    """Whether the answer stands anywhere as it would behind a label."""
    place = lowered.find(gold)
    while place >= 0:
        before = place - 1
        while before >= 0 and (lowered[before] in "\"'*" or lowered[before].isspace()):
            before -= 1
        if before >= 0 and lowered[before] in ":=>":
            return True
        place = lowered.find(gold, place + 1)
    return False


def history_says(problem: CheckedProblem, layout: TargetFormat) -> str:
    """What an earlier turn of the assistant says that is the answer; or nothing.

    In a single row that may be chance: questions before this one have answers too.
    """
    gold = _bare(problem.example.answer)
    for at, turn in enumerate(problem.example.history):
        if turn.role == "user" or not gold or gold not in turn.content.casefold():
            continue
        whole = _bare(turn.content) == gold
        if whole or said_answer(turn.content, gold, layout):
            return f"history[{at}] says {quoted(turn.content)}"
    return ""


def _asked(problem: CheckedProblem) -> dict[str, str]:
    """Name -> text of what is not said by the assistant before it answers."""
    example = problem.example
    turns = enumerate(example.history)
    return {
        "instruction": example.instruction,
        "input": example.input,
        "system prompt": example.system,
        **{f"history[{at}]": one.content for at, one in turns if one.role == "user"},
    }


def explanation_leak(
    problem: CheckedProblem, layout: TargetFormat
) -> Iterator[RowFinding]:
    """An explanation as a whole within the prompt."""
    turns = (turn.content for turn in problem.example.history)
    prompt = (*_asked(problem).values(), *turns)
    for level, text in problem.explanations.items():
        if text.count(" ") + 1 >= LEAST_WORDS and any(text in one for one in prompt):
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
    for found in marker_lines(text, layout.marker):
        yield text[found.end() :].partition("\n")[0]
    for phrase in phrases_in(text):
        yield SENTENCE_END.split(text[phrase.end() :], maxsplit=1)[0]


def _said(problem: CheckedProblem) -> str:
    return quoted(problem.example.answer)


def _bare(text: str) -> str:
    return " ".join(text.strip(AROUND).split()).casefold()
