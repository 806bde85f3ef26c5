"""Does a prompt give away what the model is to find: the answer, the explanation?

Only what cannot be meant is found. That an answer stands somewhere in its prompt is
usual where a prompt lists the choices or holds the text that is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator

from axolotl_explain.checking.checked_problem import CheckedProblem
from axolotl_explain.checking.finding import RowFinding
from axolotl_explain.checking.said_outright import bare, ending_answer, said_answer
from axolotl_explain.core.errors import quoted
from axolotl_explain.core.target import TargetFormat

LEAST_WORDS = 5
"""A shorter explanation may well stand in its prompt by chance."""
QUOTED_WORDS = 3


def answer_leak(problem: CheckedProblem, layout: TargetFormat) -> Iterator[RowFinding]:
    """The answer said outright, as a whole text, or at the end of an input."""
    gold = bare(problem.example.answer)
    if not gold:
        return
    for name, text in _asked(problem).items():
        # Most prompts do not hold the answer at all.
        if gold.partition(" ")[0] not in text.casefold():
            continue
        if name != "instruction" and bare(text) == gold:
            message = f"the {name} is the answer {_said(problem)}"
        elif said := said_answer(text, gold, layout):
            message = f"the {name} says {quoted(said)}"
        elif name == "input" and (said := ending_answer(text, gold)):
            message = f"the input ends in it: {quoted(said)}"
        else:
            continue
        yield RowFinding("answer-in-prompt", message)
        return


def history_says(problem: CheckedProblem, layout: TargetFormat) -> str:
    """What an earlier turn of the assistant says that is the answer; or nothing.

    In a single row that may be chance: questions before this one have answers too.
    """
    gold = bare(problem.example.answer)
    for at, turn in enumerate(problem.example.history):
        if turn.role == "user" or not gold or gold not in turn.content.casefold():
            continue
        whole = bare(turn.content) == gold
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


def _said(problem: CheckedProblem) -> str:
    return quoted(problem.example.answer)
