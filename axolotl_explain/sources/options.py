"""The keys of an `explain:` block that say how rows become examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.sources.columns import Part, check_columns, explained
from axolotl_explain.sources.draft import Several
from axolotl_explain.sources.messages import MessagesOptions
from axolotl_explain.sources.presets import PRESETS

SOURCES = ("preset", "columns", "messages")


class SourceOptions(BaseModel):
    """How a row becomes examples; without any of these it is a canonical row."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    preset: str | None = Field(
        default=None, description=f"a public dataset: {', '.join(PRESETS)}"
    )
    columns: dict[Part, str | list[str]] | None = Field(
        default=None,
        description="part of an example (instruction, input, answer, short, medium, "
        "long, id, system, level) -> the column that holds it, or a jinja2 template; "
        "beside a preset, it overrides single parts",
    )
    messages: MessagesOptions | None = Field(
        default=None, description="rows are conversations; {} for the usual columns"
    )
    several_explanations: Several | None = Field(
        default=None,
        description="where a row has several explanations of one level: draw (one, by "
        "seed), each (a row each), join (into one text), levels (by length); without "
        "it, as the preset says, or draw",
    )
    on_bad_row: Literal["error", "skip"] | None = Field(
        default=None,
        description="where a row cannot become an example: error, or skip (skipped "
        "rows are counted by reason); without it, skip with a preset, else error",
    )

    @field_validator("preset")
    @classmethod
    def _known_preset(cls, value: str | None) -> str | None:
        if value is None or value in PRESETS:
            return value
        raise ValueError(f"{value!r} is no preset; use one of {', '.join(PRESETS)}")

    @field_validator("columns")
    @classmethod
    def _usable_columns(cls, value: Any) -> Any:
        if value is not None:
            check_columns(value)
        return value

    @model_validator(mode="after")
    def _one_source(self) -> SourceOptions:
        if self.messages is not None and (self.preset or self.columns is not None):
            other = "preset" if self.preset else "columns"
            raise ValueError(
                f"messages and {other} are two ways to read the same row; keep one of "
                "them (only columns can stand beside a preset, to override parts of it)"
            )
        return self

    @property
    def skips_bad_rows(self) -> bool:
        """Whether a bad row is counted and left out, or stops the run."""
        if self.on_bad_row is None:
            return self.preset is not None
        return self.on_bad_row == "skip"


def natural_level(options: Mapping[str, Any]) -> Level | None:
    """The most explained level that a source has; None where rows decide.

    Args:
        options: the keys of an `explain:` block, checked or not.
    """
    levels: list[object] = []
    preset, columns, messages = map(options.get, SOURCES)
    if isinstance(preset, str) and preset in PRESETS:
        levels += PRESETS[preset].levels
    elif isinstance(messages, MessagesOptions):
        levels.append(messages.level)
    elif isinstance(messages, Mapping):
        levels.append(messages.get("level", "long"))
    if isinstance(columns, Mapping):
        levels += explained(columns)
    known = [level for level in EXPLAINED if level in levels]
    return known[-1] if known else None
