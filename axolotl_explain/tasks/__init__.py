"""Problems to learn on: text with answers and explanations that can be verified.

Imports core and support. Begin with `task.py` (what a task is) and `modular_sum.py`,
the smallest one; `listops/` is the paper's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.tasks.labelled_sum import LABELLED_SUM
from axolotl_explain.tasks.listops import LISTOPS
from axolotl_explain.tasks.modular_sum import MODULAR_SUM
from axolotl_explain.tasks.task import Task
from axolotl_explain.tasks.verdict import Verdict

TASKS: dict[str, Task[Any]] = {
    "listops": LISTOPS,
    "modular_sum": MODULAR_SUM,
    "labelled_sum": LABELLED_SUM,
}
"""`meta.task` -> task."""


def task_of(example: Example) -> Task[Any]:
    """The task that an example belongs to.

    Raises:
        ExplainError: if `meta.task` names none.
    """
    name = example.meta.get("task")
    if isinstance(name, str) and name in TASKS:
        return TASKS[name]
    raise ExplainError(
        f"meta.task: {quoted(name)} is no task that can be verified; known are "
        f"{', '.join(TASKS)}."
    )


def verify_row(row: Mapping[str, Any] | Example) -> dict[Level, Verdict]:
    """A verdict on each explanation that a row or an example has.

    Raises:
        ExplainError: if it belongs to no task, or its problem cannot be read.
    """
    example = row if isinstance(row, Example) else Example.from_row(row)
    task = task_of(example)
    return {
        level: task.verify(example, level, text)
        for level, text in example.explanations.items()
    }
