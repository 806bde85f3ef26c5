"""Which levels of an example are trained, and what is done to its explanations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from axolotl_explain.core.errors import quoted
from axolotl_explain.core.levels import LEVELS, Fallback, Level, levels_in_play
from axolotl_explain.core.target import ANSWER_MARKER, Order, TargetFormat
from axolotl_explain.targets.control import Control
from axolotl_explain.targets.derive import DeriveOptions

LevelPolicy = Level | Literal["all", "requested"] | dict[Level, float]


class TargetOptions(BaseModel):
    """The keys of an `explain:` block that make an example's training rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

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
    seed: int = Field(
        default=0, description="of the draws: levels that are mixed, coverage, control"
    )

    @field_validator("level", mode="before")
    @classmethod
    def _known_level(cls, value: object) -> object:
        if isinstance(value, Mapping):
            return _weights(value)
        if value in (*LEVELS, "all", "requested"):
            return value
        raise ValueError(
            f"{quoted(value)} is no level; use {', '.join(LEVELS)}, all, requested, or "
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
    def looks_at_dataset(self) -> bool:
        """Whether rows are planned with what `survey` finds in their dataset."""
        return self.derive_levels is not None or self.control == "mismatched"

    @property
    def levels_in_play(self) -> set[Level] | None:
        """The levels that training can have; None where the rows decide."""
        found = levels_in_play(self.level)
        if found is None or self.coverage == 1:
            return found
        return found | {"none"} if self.coverage else {"none"}


def _weights(value: Mapping[Any, Any]) -> dict[Any, float]:
    for name, weight in value.items():
        if name not in LEVELS:
            raise ValueError(f"{quoted(name)} is no level; use {', '.join(LEVELS)}")
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not 0 <= weight < float("inf"):
            raise ValueError(
                f"the weight of {name} is {quoted(weight)}; a number of 0 or more is "
                "needed"
            )
    if not sum(value.values()):
        raise ValueError("at least one level needs a weight above 0")
    return {name: float(weight) for name, weight in value.items()}
