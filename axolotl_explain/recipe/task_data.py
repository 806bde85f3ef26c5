"""Generated problems that a recipe trains on, made where they do not exist yet.

    task_data:
      folder: outputs/demo/data         # holds train.jsonl, validation.jsonl, …
      task: modular_sum                 # or labelled_sum, listops
      options: {min_length: 4, max_length: 8}
      sizes: {train: 20000, validation: 200, test: 500, test_long: 0}
      seed: 1
      drawing: 2                        # how problems are drawn (tasks/drawing.py)

The options are those of `axolotl explain generate`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.blocks import parse_block
from axolotl_explain.tasks import TASKS
from axolotl_explain.tasks.dataset_plan import DatasetPlan, SplitSizes
from axolotl_explain.tasks.kept_apart import KeptApart
from axolotl_explain.tasks.write_dataset import write_dataset


class TaskData(BaseModel):
    """What determines the files, to the byte."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
    task: Literal["listops", "modular_sum", "labelled_sum"]
    options: dict[str, Any] = Field(default_factory=dict)
    sizes: dict[Literal["train", "validation", "test", "test_long"], int] = Field(
        default_factory=dict
    )
    seed: int = 0
    drawing: Literal[1, 2] = 2


def ensure_task_data(block: object) -> list[str]:
    """Make the files that a recipe describes, unless its folder holds them already.

    Safe under several processes; the folder is made as a whole or not at all.

    Returns:
        What is told of files that were made just now; nothing where they were there.

    Raises:
        ExplainError: if the block is faulty, or the folder holds something else.
    """
    spec, plan = plan_of(block)
    from filelock import FileLock

    folder = Path(spec.folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        summaries = write_dataset(plan, folder)
    return KeptApart.of(plan, summaries).lines() if summaries else []


def plan_of(block: object) -> tuple[TaskData, DatasetPlan[Any]]:
    """A `task_data:` block, and the data that it describes.

    Raises:
        ExplainError: if the block is faulty.
    """
    spec = parse_block(TaskData, block, "task_data")
    task = TASKS[spec.task]
    try:
        options = task.options(**spec.options)
    except TypeError as error:
        raise ExplainError(f"task_data.options: {error}.") from None
    sizes = SplitSizes(**spec.sizes)
    return spec, DatasetPlan(task, options, sizes, spec.seed, spec.drawing)
