"""The `explain:` block of a recipe, as one pydantic model for both of its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, field_validator, model_validator

from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.core.target import EXPLAIN_REQUESTS, LEVEL_REQUESTS, TASK_REQUESTS
from axolotl_explain.recipe.evaluation_options import EvaluationOptions
from axolotl_explain.recipe.internalise_options import InternaliseOptions
from axolotl_explain.recipe.loss_options import LossOptions
from axolotl_explain.sources.options import SourceOptions, natural_level
from axolotl_explain.support.blocks import parse_block
from axolotl_explain.targets.options import TargetOptions
from axolotl_explain.tokens.options import PromptOptions


class ExplainOptions(PromptOptions, TargetOptions, SourceOptions):
    """How rows are read, what is taught, and what prompts say."""

    @model_validator(mode="before")
    @classmethod
    def _level_of_the_source(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "level" in data:
            return data
        if data.get("derive_levels") is not None:
            return data
        level = natural_level(data)
        return data if level is None else {**data, "level": level}

    def requests(self, asks_for_level: bool) -> dict[Level, str]:
        """What prompts say, per level, where they say anything.

        Args:
            asks_for_level: whether they say how much explanation is wanted.
        """
        if self.order == "multitask":
            return self._task_words(asks_for_level)
        return {**LEVEL_REQUESTS, **self.level_requests} if asks_for_level else {}

    def _task_words(self, asks_for_level: bool) -> dict[Level, str]:
        words = {**TASK_REQUESTS, **self.task_requests}
        levels = {**EXPLAIN_REQUESTS, **self.level_requests}
        asked = {
            level: f"{words['explain']} {levels[level]}".strip()
            if asks_for_level
            else words["explain"]
            for level in EXPLAINED
        }
        return {"none": words["predict"], **asked}


class RecipeOptions(ExplainOptions):
    """What the recipe's own block may say beyond those of its datasets."""

    evaluation: EvaluationOptions | None = Field(
        default=None, description="answers that are generated and judged in training"
    )
    loss: LossOptions | None = Field(
        default=None,
        description="an exact mean over all tokens of a step, with a weight for each "
        "kind of token; present, even empty, it counts each token once",
    )
    internalise: InternaliseOptions | None = Field(
        default=None,
        description="explanations are taken away again, stage by stage; read by "
        "axolotl-explain internalise",
    )

    @field_validator("loss", "internalise", mode="before")
    @classmethod
    def _empty_is_a_block(cls, value: object) -> object:
        return {} if value is None else value


class ExplainArgs(BaseModel):
    """The fields that the plugin adds to Axolotl's own configuration."""

    explain: RecipeOptions | None = None
    scratch_model: dict[str, Any] | None = None
    task_data: dict[str, Any] | None = None
    stop_at_loss: float | None = Field(
        default=None,
        gt=0,
        description="end training once the evaluation loss has come down to this",
    )


def parse_options(block: object, where: str) -> dict[str, Any]:
    """Check one `explain:` block; return the keys it sets, with their values.

    Args:
        block: what stands behind the key in the recipe; None is an empty block.
        where: its key path there, such as `datasets[0].explain`.

    Raises:
        ExplainError: one line per fault, each with its key path and what is allowed.
    """
    given: Any = {} if block is None else block
    options = parse_block(ExplainOptions, given, where)
    return options.model_dump(include=set(map(str, given)))
