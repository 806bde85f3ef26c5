"""The explanation in a completion, and whether its every step is right."""

from __future__ import annotations

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, LEVELS
from axolotl_explain.core.target import TargetFormat, marker_lines
from axolotl_explain.core.thoughts import split_thoughts
from axolotl_explain.tasks import TASKS
from axolotl_explain.tasks.verdict import Verdict


def explanation_of(completion: str, layout: TargetFormat, prompt: str = "") -> str:
    """A completion without its answer, which is where `extract_answer` finds it.

    Without an answer marker all of it is explanation, unless the prompt ends in the
    marker and the first line answers. Thoughts are explanation, without their tags.

    >>> explanation_of("2 + 2 = 4.\\nFinal answer: 4", TargetFormat())
    '2 + 2 = 4.'
    """
    parts = split_thoughts(completion, prompt)
    said = _said(parts.said, layout, prompt)
    return f"{parts.thought}\n{said}".strip() if parts.thought else said


def _said(completion: str, layout: TargetFormat, prompt: str) -> str:
    found = marker_lines(completion, layout.marker)
    if layout.prompted(prompt) and (layout.order == "answer_first" or not found):
        return completion.strip().partition("\n")[2].strip()
    if not found:
        return completion.strip()
    if layout.order != "answer_first":
        return completion[: found[-1].start()].strip()
    answer = found[0]
    rest = completion[answer.end() :].partition("\n")[2]
    return f"{completion[: answer.start()]}{rest}".strip()


def verify_explanation(
    example: Example, level: str, explanation: str
) -> Verdict | None:
    """A verdict of the task that made the example; None where nothing can be said.

    That is at level none, in rows of no known task, and where prompts leave the level
    open and the answer stands alone. An explanation whose level is open may be written
    at any; the verdict is then that of the level at which it gets furthest.
    """
    task = TASKS.get(str(example.meta.get("task")))
    candidates = EXPLAINED if level not in LEVELS else (level,)
    if task is None or level == "none" or (level not in LEVELS and not explanation):
        return None
    try:
        verdicts = [
            task.verify(example, one, explanation)
            for one in EXPLAINED
            if one in candidates
        ]
    except ExplainError:
        # The row names the task, but its problem is none of it.
        return None
    return max(verdicts, key=lambda one: (one.valid, one.step or 0))
