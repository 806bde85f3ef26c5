"""Whether every step of an explanation is right."""

from __future__ import annotations

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, LEVELS
from axolotl_explain.tasks import TASKS
from axolotl_explain.tasks.verdict import Verdict


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
    return max(verdicts, key=lambda one: (one.valid, one.strict, one.step or 0))
