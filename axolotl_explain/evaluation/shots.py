"""Solved rows in front of a question: what a base model can without any training.

Brown et al. (2020, arXiv 2005.14165) call them shots; with explanations in them it is
the chain-of-thought prompting of Wei et al. (2022, arXiv 2201.11903). They are training
rows, drawn by a seed: the same for all questions, unless a question is one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from axolotl_explain.core.draws import number
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.asking import read_examples, training_rows
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.targets.derive import Deriver
from axolotl_explain.tokens.formatter import Formatter

POOL = 1_000
"""Rows, from the start of the file, that shots are drawn from."""


@dataclass(frozen=True, slots=True)
class Shots:
    """Rows to draw from, in the order that the draw has put them in.

    Attributes:
        count: how many stand in front of a question.
        path: where they come from.
    """

    count: int
    path: str
    examples: Sequence[Example]

    @classmethod
    def of_recipe(
        cls, recipe: Mapping[str, Any], count: int, path: str | None = None
    ) -> Shots:
        """Drawn by the seed of a recipe.

        Args:
            path: a file or hub dataset; without it, the first dataset that is trained.

        Raises:
            ExplainError: if there are no rows to draw from.
        """
        path = path or _trained_on(recipe)
        options = reading_options(recipe, path)
        found = read_examples(path, POOL, options)
        seed = recipe.get("seed") or 0
        places = sorted(found, key=lambda place: number(seed, "shots", place))
        return cls(count, path, [found[place] for place in places])

    def with_levels(self, derive: Deriver | None) -> Shots:
        """With the levels that the recipe makes of the one explanation of a row."""
        if derive is None:
            return self
        return replace(self, examples=[derive(one).example for one in self.examples])

    def in_front(
        self, level: str, rows: Sequence[TrainingRow]
    ) -> list[list[TrainingRow]]:
        """The solved rows of each question, none of them that question itself.

        Raises:
            ExplainError: if too few rows have an explanation at this level.
        """
        solved = [
            row
            for row in training_rows(level, self.examples)
            if row.explanation or row.level == "none"
        ]
        chosen = []
        for row in rows:
            asked = _question(row)
            others = (one for one in solved if _question(one) != asked)
            chosen.append([*islice(others, self.count)])
        fewest = min(map(len, chosen), default=self.count)
        if fewest < self.count:
            raise ExplainError(
                f"--shots {self.count}: of the first {POOL:,} rows of {self.path} only "
                f"{fewest:,} can stand in front of a question at level {level}; ask "
                "with fewer, or name another file by --shots-from."
            )
        return chosen


@dataclass(frozen=True, slots=True)
class BehindShots:
    """What asks with solved rows in front.

    Attributes:
        room: tokens that a prompt and its completion may have; None if not known.
        budget: of the completion.
    """

    formatter: Formatter
    shots: Shots
    level: str
    room: int | None
    budget: int

    def prompts(self, rows: Sequence[TrainingRow]) -> list[list[int]]:
        """Ids that generation is given.

        Raises:
            ExplainError: if the model has no room for them.
        """
        found = self.formatter.prompts_behind(
            self.shots.in_front(self.level, rows), rows
        )
        longest = max(map(len, found), default=0)
        if self.room is not None and longest + self.budget > self.room:
            raise ExplainError(
                f"--shots {self.shots.count}: the longest prompt has {longest:,} "
                f"tokens, and with the {self.budget:,} of its answer that is more than "
                f"the {self.room:,} that the model can hold; ask with fewer."
            )
        return found


def room_of(model: Any) -> int | None:
    """How many tokens the positions of a model reach; None where nothing says so.

    Models with relative positions have no such number.
    """
    config = getattr(model, "config", None)
    if config is None:
        return None
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    reach = getattr(text, "max_position_embeddings", None)
    return reach if isinstance(reach, int) else None


def _trained_on(recipe: Mapping[str, Any]) -> str:
    ours = [one for one in recipe.get("datasets") or [] if one.get("type") in TYPES]
    first = ours[0] if ours else {}
    if not first.get("path") or first.get("data_files"):
        raise ExplainError(
            "--shots: the first dataset of the recipe is no single file or hub dataset "
            "to take solved rows from; name one by --shots-from."
        )
    return str(first["path"])


def _question(row: TrainingRow) -> tuple[str, str]:
    return row.example.instruction, row.example.input
