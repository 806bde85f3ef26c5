"""The `explain:` block of a recipe, as one pydantic model for both of its places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from axolotl_explain.blocks import parse_block
from axolotl_explain.control import Control
from axolotl_explain.derive import DeriveOptions
from axolotl_explain.errors import shown
from axolotl_explain.evaluation.options import EvaluationOptions
from axolotl_explain.formats import (
    ANSWER_MARKER,
    EXPLAIN_REQUESTS,
    LEVEL_REQUESTS,
    TASK_REQUESTS,
    Order,
    TargetFormat,
    Task,
)
from axolotl_explain.levels import EXPLAINED, LEVELS, Fallback, Level, levels_in_play
from axolotl_explain.sources import SourceOptions, natural_level

LevelPolicy = Level | Literal["all", "requested"] | dict[Level, float]


class ExplainOptions(SourceOptions):
    """What is taught: the level, the order, the layout of the target, the prompt."""

    level: LevelPolicy = Field(
        default="long",
        description="none, short, medium, long; all: one training row per level that "
        "a row has; requested: the row's own `level`; or weights such as "
        "{none: 1, long: 3} for a seeded mix; without it, the most explained level "
        "that the preset, columns or messages have (long where levels are derived)",
    )
    order: Order = Field(
        default="explanation_first",
        description="whether the explanation or the answer comes first; multitask: "
        "two training rows, one asked to predict and one asked to explain",
    )
    answer_marker: str = Field(
        default=ANSWER_MARKER, description="the words in front of the answer"
    )
    on_missing_level: Fallback = Field(
        default="error",
        description="where a row lacks the level: error, nearest (the closest level "
        "it has), answer_only, or drop",
    )
    on_too_long: Literal["drop", "shorten"] = Field(
        default="drop",
        description="where a row exceeds sequence_len: drop it, or shorten the "
        "explanation at a sentence or line; the answer is always kept",
    )
    level_request: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="whether the prompt says how much explanation is wanted; auto: "
        "where the recipe trains on more than one level",
    )
    level_requests: dict[Level, str] = Field(
        default_factory=dict,
        description="your own words for the request, per level",
    )
    task_requests: dict[Task, str] = Field(
        default_factory=dict,
        description="order: multitask: your own words for predict and explain",
    )
    derive_levels: DeriveOptions | None = Field(
        default=None,
        description="makes levels out of the one explanation of a row, such as "
        "{by: sentences, budgets: {short: 30}}",
    )
    filter: Literal["consistent"] | None = Field(
        default=None,
        description="consistent: drop rows whose explanation arrives at another "
        "answer than the stored one",
    )
    coverage: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="the share of rows that keep their explanation, drawn by seed; "
        "the rest are trained on the answer alone",
    )
    control: Control | None = Field(
        default=None,
        description="for an arm to compare with: shuffle_steps or shuffle_tokens of "
        "each explanation, or mismatched with those of other rows",
    )
    template: str | None = Field(
        default=None,
        description="axolotl_explain.instruct and .seq2seq: a jinja2 template of the "
        "prompt with instruction, input, id, meta, system and history",
    )
    system: str | None = Field(
        default=None,
        description="axolotl_explain.chat: a system prompt, for rows without their own",
    )
    thinking: bool = Field(
        default=False,
        description="axolotl_explain.chat: put the explanation in the template's "
        "reasoning field",
    )
    max_target_tokens: int | None = Field(
        default=None,
        ge=1,
        description="axolotl_explain.seq2seq: how long a target may be, the end "
        "included; without it, sequence_len, which limits the prompt",
    )
    line_break: str | None = Field(
        default=None,
        min_length=1,
        description="axolotl_explain.seq2seq: what a target has for a line break; "
        "without it, ' | ' where the tokenizer knows none, as that of T5",
    )
    seed: int = Field(
        default=0, description="of the draws: levels that are mixed, coverage, control"
    )

    @model_validator(mode="before")
    @classmethod
    def _level_of_the_source(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "level" in data:
            return data
        if data.get("derive_levels") is not None:
            return data
        level = natural_level(data)
        return data if level is None else {**data, "level": level}

    @field_validator("level", mode="before")
    @classmethod
    def _known_level(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return _weights(value)
        if value in (*LEVELS, "all", "requested"):
            return value
        raise ValueError(
            f"{shown(value)} is no level; use {', '.join(LEVELS)}, all, requested, or "
            "weights such as {none: 1, long: 3}"
        )

    @field_validator("answer_marker")
    @classmethod
    def _usable_marker(cls, value: str) -> str:
        TargetFormat(marker=value)
        return value

    @property
    def layout(self) -> TargetFormat:
        """How targets are written and answers are found again."""
        return TargetFormat(self.order, self.answer_marker)

    @property
    def needs_whole_dataset(self) -> str:
        """The key whose value only a dataset seen as a whole can serve; or empty."""
        if self.derive_levels is not None and self.derive_levels.by == "length":
            return "derive_levels.by"
        return "control" if self.control == "mismatched" else ""

    @property
    def levels_in_play(self) -> set[Level] | None:
        """The levels that training can have; None where the rows decide."""
        found = levels_in_play(self.level)
        if found is None or self.coverage == 1:
            return found
        return found | {"none"} if self.coverage else {"none"}

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


def _weights(value: Mapping[Any, Any]) -> dict[Any, float]:
    for name, weight in value.items():
        if name not in LEVELS:
            raise ValueError(f"{shown(name)} is no level; use {', '.join(LEVELS)}")
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not 0 <= weight < float("inf"):
            raise ValueError(
                f"the weight of {name} is {shown(weight)}; a number of 0 or more is "
                "needed"
            )
    if not sum(value.values()):
        raise ValueError("at least one level needs a weight above 0")
    return {name: float(weight) for name, weight in value.items()}
