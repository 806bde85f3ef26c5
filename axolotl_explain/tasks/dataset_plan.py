"""DatasetPlan: all that a generated dataset depends on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Generic

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.tasks.drawing import NEWEST, check_drawing
from axolotl_explain.tasks.task import OptionsT, Split, Task, at_least

ORDER: tuple[Split, ...] = ("test", "test_long", "validation", "train")
"""Splits are drawn in this order: test sets stay the same whatever the size of train,
and a smaller train is the beginning of a larger one."""


@dataclass(frozen=True, kw_only=True)
class SplitSizes:
    """How many problems each split has; a split of 0 is left out."""

    train: int = 10_000
    validation: int = 500
    test: int = 1_000
    test_long: int = 1_000

    def __post_init__(self) -> None:
        for split, size in asdict(self).items():
            at_least(split, size, 0)
        if not self.wanted():
            raise ExplainError(
                "--train, --validation, --test and --test-long are all 0: there is "
                "nothing to write; ask for rows in one of them."
            )

    def wanted(self) -> dict[Split, int]:
        """The sizes above 0, in the order of `ORDER`."""
        sizes = asdict(self)
        return {split: sizes[split] for split in ORDER if sizes[split]}


@dataclass(frozen=True)
class DatasetPlan(Generic[OptionsT]):
    """The same plan gives the same bytes; made only if every split can have lengths."""

    task: Task[OptionsT]
    options: OptionsT
    sizes: SplitSizes
    seed: int
    drawing: int = NEWEST
    """How problems are drawn; see `tasks.drawing`."""

    def __post_init__(self) -> None:
        check_drawing(self.drawing)
        for split in self.sizes.wanted():
            self.options.lengths(split)

    def as_json(self) -> dict[str, Any]:
        """The plan as it stands in a manifest, with the version that carries it out."""
        options = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self.options).items()
        }
        return {
            "task": self.task.name,
            "options": options,
            "sizes": asdict(self.sizes),
            "seed": self.seed,
            "drawing": self.drawing,
            "version": version("axolotl-explain"),
        }
